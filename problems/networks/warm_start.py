"""Weights learned before: from a file, or by plain gradient descent."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from problems.forms import Smooth
from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError

STEPS = 50  # of gradient descent


def trained(problem: Smooth, theta: Vector) -> Vector:
    """Where gradient descent comes from theta: the step is halved until f falls, and doubled after each that did."""
    step = 1.0
    f, g = problem.value_and_gradient(theta)
    for _ in range(STEPS):
        while step > 1e-12:
            new = theta - step * g
            lower, slope = problem.value_and_gradient(new)
            if lower <= f - 1e-4 * step * float(g @ g):
                theta, f, g, step = new, lower, slope, 2 * step
                break
            step /= 2
    return theta


def read_weights(file: str, dim: int) -> Vector:
    """theta of so many entries out of a .npy file, as numpy's `save` writes one; the size is read before the array."""
    path = Path(file)
    try:
        stored = np.load(path, mmap_mode="r", allow_pickle=False)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or 'it is not a file of numpy'}") from None
    except ValueError:
        raise DataError(f"{path} is not an array of numbers as numpy's save writes one") from None
    if not isinstance(stored, np.ndarray):
        raise DataError(f"{path} holds several arrays; save theta alone, as .npy")
    if stored.dtype.kind not in "iuf" or stored.shape != (dim,):
        raise DataError(f"{path} holds {stored.dtype} of shape {stored.shape}; theta has shape ({dim},)")
    theta = np.array(stored, np.float64)
    bad = np.flatnonzero(~np.isfinite(theta))
    if len(bad):
        raise DataError(f"{path} is {theta[bad[0]]} at entry {bad[0]}; every weight must be finite")
    return theta
