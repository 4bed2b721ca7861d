"""What everything here is made of: float64 vectors and matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)


class CSR(NamedTuple):
    """A sparse matrix as native code reads it, row by row."""

    values: Vector  # its nonzero entries
    columns: NDArray[np.uint32]  # where in their rows they are, ascending
    starts: NDArray[np.uint32]  # where each row's begin, and where the last one's end


def dense(A: Any) -> Matrix:
    """A as an array, filled up with its zeros where it is sparse."""
    filled: Matrix = A.toarray() if sp.issparse(A) else A
    return filled
