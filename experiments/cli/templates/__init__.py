"""The files that `solverlab new` writes."""
