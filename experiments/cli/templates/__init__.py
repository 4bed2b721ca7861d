"""What `solverlab new` writes."""
