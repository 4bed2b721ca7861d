"""What everything here is made of: float64 vectors and matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
EPS = float(np.finfo(np.float64).eps)
