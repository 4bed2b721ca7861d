"""Solvers of other libraries as black boxes, one file per library and kind."""
