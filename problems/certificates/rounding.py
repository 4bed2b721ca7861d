"""What rounding may hide of a sum."""

from __future__ import annotations

from problems.foundation.arrays import EPS


def rounding(n: int, f: float) -> float:
    """How far n summed losses may lie from their exact sum."""
    return n * EPS * abs(f)
