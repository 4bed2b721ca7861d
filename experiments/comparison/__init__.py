"""Comparisons of any solvers on any problems, and the figures that they share."""
