"""What every native batch gradient looks like, so that one training loop serves them all."""

from __future__ import annotations

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from ..native import F1, F2, I1, i8

Whole = NDArray[np.int64]

# theta, X, y, whole, real, scratch, low, high, g: the gradient of the mean over rows low:high, penalty included
GRADIENT = void(F1, F2, F1, I1, F1, F1, i8, i8, F1)
