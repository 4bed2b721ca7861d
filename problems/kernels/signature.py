"""What every native batch gradient looks like, so that one training loop serves them all."""

from __future__ import annotations

import numpy as np
from numba.core.types import uint32, void
from numpy.typing import NDArray

from problems.foundation.native import F1, F2, I1, i8

U4 = uint32[::1]

Whole = NDArray[np.int64]

# theta, X, y, whole, real, scratch, low, high, g: the gradient of the mean over rows low:high, penalty included
GRADIENT = void(F1, F2, F1, I1, F1, F1, i8, i8, F1)

# theta, values, columns, starts, y, whole, real, rows, g: the same for rows kept as CSR, the mean over those named
SPARSE_GRADIENT = void(F1, F1, U4, U4, F1, I1, F1, I1, F1)
