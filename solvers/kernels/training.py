"""One training loop for every native gradient and every native update function: M + N kernels instead of M x N."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import numpy as np
from numba.core.types import void
from numpy.typing import NDArray

from problems.forms import FiniteSum, Smooth
from problems.foundation.arrays import CSR, Matrix, Vector
from problems.foundation.native import F1, F2, I1, U1, address, caller, i8, native
from problems.kernels.signature import GRADIENT, SPARSE_GRADIENT, U4, Integers
from solvers.base import Iterates
from solvers.kernels.blocks import blocks, shuffle
from solvers.kernels.update_functions import UPDATE, UpdateFunction

as_gradient, as_sparse_gradient, as_update = caller(GRADIENT), caller(SPARSE_GRADIENT), caller(UPDATE)
SMALL_PROBLEM = 2**12  # with at most this many numbers in X, the return to Python costs more than a pass

StepFunction = Callable[[NDArray[np.int64]], Vector]  # from the numbers of updates, counted from 0, to their steps


@native(void(i8, i8, F1, F1, F2, F1, I1, F1, F1, I1, U1, i8, i8, F1, F1, F1, F2))
def train(
    gradient: int,
    update: int,
    theta: Vector,
    point: Vector,
    X: Matrix,
    y: Vector,
    integers: Integers,
    floats: Vector,
    scratch: Vector,
    order: NDArray[np.int64],
    random: NDArray[np.uint64],
    batch: int,
    before: int,
    steps: Vector,
    hyper: Vector,
    state: Vector,
    out: Matrix,
) -> None:
    """Fill each row of `out` with the iterate after one more epoch, which reads every row of X once.

    order: a permutation of the rows, which this function shuffles further.
    random: the state of the shuffle.
    before: the number of updates so far.
    steps: one step per update.

    Afterwards theta, point, order, random and state are ready for the next call.
    """
    gradient_of, update_of = as_gradient(gradient), as_update(update)
    n, d = X.shape
    g = np.empty(theta.size)
    gathered, targets = np.empty((batch, d)), np.empty(batch)
    made = 0
    for epoch in range(out.shape[0]):
        if batch < n:
            shuffle(order, random)
        for first in range(0, n, batch):
            m = min(batch, n - first)
            if m == n:
                gradient_of(point, X, y, integers, floats, scratch, 0, n, g)
            elif m == 1:
                gradient_of(point, X, y, integers, floats, scratch, order[first], order[first] + 1, g)
            else:
                for i in range(m):
                    row = order[first + i]
                    targets[i] = y[row]
                    for j in range(d):
                        gathered[i, j] = X[row, j]
                gradient_of(point, gathered, targets, integers, floats, scratch, 0, m, g)
            update_of(theta, point, g, steps[made], before + made + 1, hyper, state)
            made += 1
        for j in range(theta.size):
            out[epoch, j] = theta[j]


@native(void(i8, i8, F1, F1, F1, U4, U4, F1, I1, F1, I1, U1, i8, i8, F1, F1, F1, F2))
def sparse_train(
    gradient: int,
    update: int,
    theta: Vector,
    point: Vector,
    values: Vector,
    columns: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    y: Vector,
    integers: Integers,
    floats: Vector,
    order: NDArray[np.int64],
    random: NDArray[np.uint64],
    batch: int,
    before: int,
    steps: Vector,
    hyper: Vector,
    state: Vector,
    out: Matrix,
) -> None:
    """`train` on CSR; the gradients read the rows in place."""
    gradient_of, update_of = as_sparse_gradient(gradient), as_update(update)
    n = y.size
    g = np.empty(theta.size)
    made = 0
    for epoch in range(out.shape[0]):
        if batch < n:
            shuffle(order, random)
        for first in range(0, n, batch):
            gradient_of(point, values, columns, starts, y, integers, floats, order[first : min(first + batch, n)], g)
            update_of(theta, point, g, steps[made], before + made + 1, hyper, state)
            made += 1
        for j in range(theta.size):
            out[epoch, j] = theta[j]


def epochs(
    problem: FiniteSum,
    update: UpdateFunction,
    theta0: Vector,
    schedule: StepFunction,
    batch: int,
    rng: np.random.Generator,
    hyper: tuple[float, ...] = (0.0,),
) -> Iterates:
    """The iterates of `update` on batches of rows, one per epoch; in blocks if the problem has native code."""
    theta, point, state = theta0.copy(), theta0.copy(), np.zeros(update.vectors * theta0.size)
    n, constants = problem.n, np.array(hyper, np.float64)
    batch = min(batch, n)
    updates = -(-n // batch)  # per epoch
    order = np.arange(n)
    native = problem.native()
    k = 0
    while native is None:
        if batch < n:
            order = rng.permutation(n)
        for first in range(0, n, batch):
            g = problem.batch_gradient(point, order[first : first + batch])
            update.native(theta, point, g, schedule(np.array([k]))[0], k + 1, constants, state)
            k += 1
        yield theta.copy()
    random = rng.integers(2**64, size=1, dtype=np.uint64)
    sparse = isinstance(native.X, CSR)
    numbers = native.X.values.size + updates * theta.size if isinstance(native.X, CSR) else problem.n * problem.dim
    loop: Any = sparse_train if sparse else train
    for done, size in blocks(numbers):
        steps = schedule(np.arange(done * updates, (done + size) * updates))
        problem.ledger.gradients += size * updates
        problem.ledger.passes += size
        out = np.empty((size, theta.size))
        rows: Any = native.X if sparse else (native.X,)
        scratch: Any = () if sparse else (np.empty(native.scratch_size),)
        loop(
            native.address, address(update.native, UPDATE), theta, point, *rows, native.y, native.integers,
            native.floats, *scratch, order, random, batch, done * updates, steps, constants, state, out,
        )  # fmt: skip
        yield out


def descent(
    problem: Smooth, update: UpdateFunction, theta0: Vector, schedule: StepFunction, hyper: tuple[float, ...] = (0.0,)
) -> Iterates:
    """Iterates of `update` on the full gradient. The schedule's step is constant."""
    if isinstance(problem, FiniteSum) and problem.n * problem.dim <= SMALL_PROBLEM and problem.native():
        unused = np.random.default_rng(0)  # all rows are in one batch, so no order is drawn
        yield from epochs(problem, update, theta0, schedule, problem.n, unused, hyper)
    theta, point, state = theta0.copy(), theta0.copy(), np.zeros(update.vectors * theta0.size)
    constants, step = np.array(hyper, np.float64), float(schedule(np.zeros(1, np.int64))[0])
    for k in count(1):
        update.native(theta, point, problem.gradient(point), step, k, constants, state)
        yield theta.copy()
