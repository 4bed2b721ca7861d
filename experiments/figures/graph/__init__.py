"""Computational graphs: evaluated at a point, laid out, drawn."""
