"""The problems on which solvers are tested."""
