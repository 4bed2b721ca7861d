"""The arrays of all packages: float64 vectors and matrices."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)


class CSR(NamedTuple):
    """A sparse matrix in compressed rows, as native code reads it."""

    values: Vector  # the stored entries, row by row
    columns: NDArray[np.uint32]  # the column of each entry, ascending within a row
    starts: NDArray[np.uint32]  # the index of each row's first entry, and the number of entries at the end


def dense(A: Any) -> Matrix:
    """A as an array: a sparse matrix is converted, an array is returned as it is."""
    filled: Matrix = A.toarray() if sp.issparse(A) else A
    return filled
