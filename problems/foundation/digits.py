"""How many correct digits an answer has, compared with a certified one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from problems.foundation.arrays import Vector

MOST_DIGITS = 15.0  # references certify no more


def digits(theta: Vector, certified: Sequence[float] | Vector) -> float:
    """The number of digits that are correct in every coefficient: -log10 of the largest relative error, from 0 to 15.

    Where a certified coefficient is 0, the absolute error is used. NaN and infinity have 0 correct digits.

    >>> digits(np.array([2.0, 1.001]), [2.0, 1.0])
    3.0
    """
    exact = np.asarray(certified)
    with np.errstate(over="ignore", invalid="ignore"):
        error = float(np.max(abs(theta - exact) / np.where(exact == 0, 1.0, abs(exact))))
    if not error < 1:  # NaN too
        return 0.0
    return MOST_DIGITS if error == 0 else round(min(MOST_DIGITS, float(-np.log10(error))), 9)
