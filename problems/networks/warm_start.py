"""Weights of a warm start: from a file, or from a short run of gradient descent."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from problems.forms import Smooth
from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError

STEPS = 50  # of gradient descent
SMALLEST_STEP = 1e-12
SUFFICIENT_DECREASE = 1e-4  # of f, as a share of step |g|^2


def trained(problem: Smooth, theta: Vector) -> Vector:
    """The point that gradient descent reaches from theta. The step is halved until f falls, then doubled."""
    step = 1.0
    f, g = problem.value_and_gradient(theta)
    for _ in range(STEPS):
        while step > SMALLEST_STEP:
            new = theta - step * g
            f_new, g_new = problem.value_and_gradient(new)
            if f_new <= f - SUFFICIENT_DECREASE * step * float(g @ g):
                theta, f, g, step = new, f_new, g_new, 2 * step
                break
            step /= 2
    return theta


def read_weights(file: str, dim: int) -> Vector:
    """theta, shape (dim,), from a .npy file of numpy's `save`. Only the header of a file of another shape is read.

    Raises DataError.
    """
    path = Path(file)
    try:
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or 'it is not a file of numpy'}") from None
    except ValueError:
        raise DataError(f"{path} is not an array of numbers that numpy's save wrote") from None
    if not isinstance(stored, np.ndarray):
        raise DataError(f"{path} holds several arrays; save theta alone, as .npy")
    if stored.dtype.kind not in "iuf" or stored.shape != (dim,):
        raise DataError(f"{path} holds {stored.dtype} of shape {stored.shape}; theta has shape ({dim},)")
    theta = np.array(stored, np.float64)
    bad = np.flatnonzero(~np.isfinite(theta))
    if len(bad):
        raise DataError(f"{path} is {theta[bad[0]]} at entry {bad[0]}; every weight must be finite")
    return theta
