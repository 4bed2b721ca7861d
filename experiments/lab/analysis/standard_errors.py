"""Standard errors of fitted parameters, from the Jacobian of the residuals."""

from __future__ import annotations

import numpy as np
import scipy.linalg as sl

from problems.forms import NonlinearLeastSquares
from problems.foundation.arrays import Vector, dense


def standard_errors(problem: NonlinearLeastSquares, theta: Vector) -> Vector:
    """sqrt(|r|^2 / (m - d) (J'J)^-1_jj) for each parameter j, shape (d,), by QR of J with columns of length 1.

    They hold for independent errors of equal variance, without a penalty. nan where the columns of J are dependent or
    there are no more residuals than parameters.
    """
    r, J = problem.residual_and_jacobian(theta)
    J = dense(J)
    m, d = J.shape
    lengths = np.linalg.norm(J, axis=0)
    if m <= d or not (np.isfinite(J).all() and lengths.all()):
        return np.full(d, np.nan)
    (R,) = sl.qr(J / lengths, mode="r", check_finite=False)
    if not abs(np.diag(R)).min() > 0:
        return np.full(d, np.nan)
    inverse = sl.solve_triangular(R[:d], np.eye(d), check_finite=False)
    errors: Vector = np.linalg.norm(inverse, axis=1) * np.linalg.norm(r) / np.sqrt(m - d) / lengths
    return errors
