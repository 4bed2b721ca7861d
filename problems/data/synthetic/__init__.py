"""Generators of seeded rows, targets, points, signals and matrices."""
