"""How many digits of a certified answer were found."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from problems.foundation.arrays import Vector

MOST = 15.0  # as many as references certify


def digits(found: Vector, certified: Sequence[float] | Vector) -> float:
    """The digits in which every coefficient agrees: -log10 of the largest relative error, between 0 and 15.

    A certified zero is compared by the absolute error.

    >>> digits(np.array([2.0, 1.001]), [2.0, 1.0])
    3.0
    """
    right = np.asarray(certified)
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(np.max(abs(found - right) / np.where(right == 0, 1.0, abs(right))))
    if not error < 1:  # NaN too
        return 0.0
    return MOST if error == 0 else round(min(MOST, float(-np.log10(error))), 9)
