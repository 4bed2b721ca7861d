"""What everything here is made of: float64 vectors and matrices."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)


class CSR(NamedTuple):
    """A sparse matrix as native code reads it, row by row."""

    values: Vector  # its nonzero entries
    columns: NDArray[np.uint32]  # where in their rows they are, ascending
    starts: NDArray[np.uint32]  # where each row's begin, and where the last one's end
