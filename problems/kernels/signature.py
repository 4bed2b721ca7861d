"""The common signatures of native batch gradients, so that one training loop works for all problems."""

from __future__ import annotations

import numpy as np
from numba.core.types import uint32, void
from numpy.typing import NDArray

from problems.foundation.native import F1, F2, I1, i8

U4 = uint32[::1]

Integers = NDArray[np.int64]

# theta, X, y, integers, floats, scratch, low, high, g: the gradient of the mean over rows low:high plus the penalty
GRADIENT = void(F1, F2, F1, I1, F1, F1, i8, i8, F1)

# theta, values, columns, starts, y, integers, floats, rows, g: the same for CSR, with the mean over the given rows
SPARSE_GRADIENT = void(F1, F1, U4, U4, F1, I1, F1, I1, F1)
