"""The loss of a network's outputs: of one number per row, or of several."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from problems.foundation.arrays import Matrix
from problems.parts.losses import Loss
from problems.parts.matrix_losses import MatrixLoss

HessianProduct = Callable[[Matrix], Matrix]  # dZ, shape (n, outputs) -> the derivative of the gradient along dZ


def loss_of_outputs(loss: Loss | MatrixLoss, Z: Matrix, y: Any) -> tuple[float, Matrix, HessianProduct]:
    """The sum of the losses of Z, shape (n, outputs); its gradient with respect to Z; and products with its Hessian.

    The Hessian is not formed.
    """
    if isinstance(loss, MatrixLoss):
        total, G, P = loss.total(Z, y)
        return total, G, lambda dZ: loss.hessian_product(P, dZ)
    total, g, curvature = loss.total(np.ascontiguousarray(Z[:, 0]), y)
    return total, g[:, None], lambda dZ: curvature[:, None] * dZ
