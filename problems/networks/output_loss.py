"""What the outputs of a network are judged by: a loss of one number, or of a row of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from problems.foundation.arrays import Matrix
from problems.parts.losses import Loss
from problems.parts.matrix_losses import MatrixLoss

Curve = Callable[[Matrix], Matrix]


def judged(loss: Loss | MatrixLoss, Z: Matrix, y: Any) -> tuple[float, Matrix, Curve]:
    """The sum of the losses of Z, shape (n, outputs), its slopes, and dZ -> how these move: no Hessian is formed."""
    if isinstance(loss, MatrixLoss):
        total, S, P = loss.total(Z, y)
        return total, S, lambda dZ: loss.curved(P, dZ)
    total, s, curvature = loss.total(np.ascontiguousarray(Z[:, 0]), y)
    return total, s[:, None], lambda dZ: curvature[:, None] * dZ
