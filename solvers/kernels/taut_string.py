"""The taut string through a tube around the running sums of a signal."""

from __future__ import annotations

import numpy as np

from problems.foundation.arrays import Vector
from problems.foundation.native import F1, f8, i8, native


@native()
def _level(y: Vector, mean: float, begin: int, end: int, more: float, out: Vector) -> int:
    """Write one piece of `out`: the mean of y there, plus the change `more` of the string, per point."""
    total = 0.0
    for i in range(begin, end):
        total += y[i] - mean
    level = mean + (total + more) / (end - begin)
    for i in range(begin, end):
        out[i] = level
    return 1


@native(i8(F1, f8, F1))
def taut_string(y: Vector, radius: float, out: Vector) -> int:
    """Fill `out` with the slopes of the taut string within `radius` of the running sums of y, fixed at both ends.

    The string is the shortest one. It is known up to its last bend, `apex`. From there two chains reach point i: the
    convex chain below the tube's upper side and the concave chain above its lower side. The string lies between them.
    If the first links of the two chains cross, the string bends, and the apex moves along a link. Each point enters and
    leaves a chain once. Slopes of links are compared by sums over y minus its mean; the level of a piece is computed
    from the sum over that piece alone. Returns the number of pieces.
    """
    n = y.size
    mean = y.mean()
    r = np.zeros(n + 1)
    for i in range(n):
        r[i + 1] = r[i] + (y[i] - mean)
    r[n] = 0.0
    points = np.empty((2, n + 1), np.int64)  # of the chain at the upper side, and of the chain at the lower side
    first, end = np.zeros(2, np.int64), np.zeros(2, np.int64)
    apex, apex_side, pieces = 0, 0.0, 0
    for i in range(1, n + 1):
        for chain in range(2):
            sign = 1.0 - 2.0 * chain  # a lower chain is a reflected upper chain
            side = 0.0 if i == n else sign
            height = r[i] + side * radius
            while end[chain] > first[chain]:
                last = points[chain, end[chain] - 1]
                alone = end[chain] - 1 == first[chain]
                before = apex if alone else points[chain, end[chain] - 2]
                start = r[apex] + apex_side * radius if alone else r[before] + sign * radius
                middle = r[last] + sign * radius
                if sign * (middle - start) * (i - last) < sign * (height - middle) * (last - before):
                    break
                end[chain] -= 1
            points[chain, end[chain]] = i
            end[chain] += 1
            other = 1 - chain
            while end[chain] - first[chain] == 1 and end[other] > first[other] and points[other, first[other]] < i:
                bend = points[other, first[other]]
                start = r[apex] + apex_side * radius
                middle = r[bend] - sign * radius
                if sign * (height - start) * (bend - apex) > sign * (middle - start) * (i - apex):
                    break
                pieces += _level(y, mean, apex, bend, (-sign - apex_side) * radius, out)
                apex, apex_side = bend, -sign
                first[other] += 1
    return pieces + _level(y, mean, apex, n, -apex_side * radius, out)
