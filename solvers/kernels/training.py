"""One training loop for every native gradient and every native update rule: M + N kernels, not M x N."""

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
from problems.kernels.signature import GRADIENT, SPARSE_GRADIENT, U4, Whole
from solvers.base import Iterates
from solvers.kernels.blocks import blocks, shuffle
from solvers.kernels.update_functions import RULE, Rule

as_gradient, as_sparse_gradient, as_rule = caller(GRADIENT), caller(SPARSE_GRADIENT), caller(RULE)
SMALL = 2**12  # up to so many numbers in X, coming back to Python costs more than a pass does

Schedule = Callable[[NDArray[np.int64]], Vector]  # the number of an update, from 0 -> its step


@native(void(i8, i8, F1, F1, F2, F1, I1, F1, F1, I1, U1, i8, i8, F1, F1, F1, F2))
def train(
    gradient: int,
    rule: int,
    theta: Vector,
    point: Vector,
    X: Matrix,
    y: Vector,
    whole: Whole,
    real: Vector,
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
    """Fill each row of `out` with the iterate after one more epoch: every row of X read once, in a fresh order.

    order: a permutation of the rows, shuffled further here.  random: the shuffle's state.  before: updates made so
    far.  steps: one an update. All of theta, point, order, random and state are left ready for the next call.
    """
    gradient_of, update = as_gradient(gradient), as_rule(rule)
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
                gradient_of(point, X, y, whole, real, scratch, 0, n, g)
            elif m == 1:
                gradient_of(point, X, y, whole, real, scratch, order[first], order[first] + 1, g)
            else:
                for i in range(m):
                    row = order[first + i]
                    targets[i] = y[row]
                    for j in range(d):
                        gathered[i, j] = X[row, j]
                gradient_of(point, gathered, targets, whole, real, scratch, 0, m, g)
            update(theta, point, g, steps[made], before + made + 1, hyper, state)
            made += 1
        for j in range(theta.size):
            out[epoch, j] = theta[j]


@native(void(i8, i8, F1, F1, F1, U4, U4, F1, I1, F1, I1, U1, i8, i8, F1, F1, F1, F2))
def sparse_train(
    gradient: int,
    rule: int,
    theta: Vector,
    point: Vector,
    values: Vector,
    columns: NDArray[np.uint32],
    starts: NDArray[np.uint32],
    y: Vector,
    whole: Whole,
    real: Vector,
    order: NDArray[np.int64],
    random: NDArray[np.uint64],
    batch: int,
    before: int,
    steps: Vector,
    hyper: Vector,
    state: Vector,
    out: Matrix,
) -> None:
    """`train` on CSR, whose gradients take rows where they lie."""
    gradient_of, update = as_sparse_gradient(gradient), as_rule(rule)
    n = y.size
    g = np.empty(theta.size)
    made = 0
    for epoch in range(out.shape[0]):
        if batch < n:
            shuffle(order, random)
        for first in range(0, n, batch):
            gradient_of(point, values, columns, starts, y, whole, real, order[first : min(first + batch, n)], g)
            update(theta, point, g, steps[made], before + made + 1, hyper, state)
            made += 1
        for j in range(theta.size):
            out[epoch, j] = theta[j]


def epochs(
    problem: FiniteSum,
    rule: Rule,
    theta0: Vector,
    schedule: Schedule,
    batch: int,
    rng: np.random.Generator,
    hyper: tuple[float, ...] = (0.0,),
) -> Iterates:
    """Iterates of `rule` on batches of rows, one an epoch; in blocks where the problem has native code."""
    theta, point, state = theta0.copy(), theta0.copy(), np.zeros(rule.vectors * theta0.size)
    n, constants = problem.n, np.array(hyper, np.float64)
    batch = min(batch, n)
    each = -(-n // batch)  # updates an epoch
    order = np.arange(n)
    native = problem.native()
    k = 0
    while native is None:
        if batch < n:
            order = rng.permutation(n)
        for first in range(0, n, batch):
            g = problem.batch_gradient(point, order[first : first + batch])
            rule.update(theta, point, g, schedule(np.array([k]))[0], k + 1, constants, state)
            k += 1
        yield theta.copy()
    random = rng.integers(2**64, size=1, dtype=np.uint64)
    sparse = isinstance(native.X, CSR)
    numbers = native.X.values.size + each * theta.size if isinstance(native.X, CSR) else problem.n * problem.dim
    loop: Any = sparse_train if sparse else train
    for done, size in blocks(numbers):
        steps = schedule(np.arange(done * each, (done + size) * each))
        problem.ledger.gradients += size * each
        problem.ledger.passes += size
        out = np.empty((size, theta.size))
        rows: Any = native.X if sparse else (native.X,)
        scratch: Any = () if sparse else (np.empty(native.scratch),)
        loop(
            native.at, address(rule.update, RULE), theta, point, *rows, native.y, native.whole, native.real,
            *scratch, order, random, batch, done * each, steps, constants, state, out,
        )  # fmt: skip
        yield out


def descent(problem: Smooth, rule: Rule, theta0: Vector, step: float, hyper: tuple[float, ...] = (0.0,)) -> Iterates:
    """Iterates of `rule` on the whole gradient with a constant step."""
    if isinstance(problem, FiniteSum) and problem.n * problem.dim <= SMALL and problem.native():
        no_order = np.random.default_rng(0)  # is drawn: the batch is all rows
        yield from epochs(problem, rule, theta0, lambda k: np.full(k.size, step), problem.n, no_order, hyper)
    theta, point, state = theta0.copy(), theta0.copy(), np.zeros(rule.vectors * theta0.size)
    constants = np.array(hyper, np.float64)
    for k in count(1):
        rule.update(theta, point, problem.gradient(point), step, k, constants, state)
        yield theta.copy()
