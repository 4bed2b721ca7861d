"""What a solver must do, one test for each sentence."""
