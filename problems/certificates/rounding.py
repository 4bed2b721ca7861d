"""A bound on the rounding error of a sum."""

from __future__ import annotations

from problems.foundation.arrays import EPS


def rounding(n: int, f: float) -> float:
    """A bound on the rounding error of f, a mean of n losses."""
    return n * EPS * abs(f)
