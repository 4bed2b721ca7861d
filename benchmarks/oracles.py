"""What an oracle of a linear model costs beside the plain expression of numpy and scipy: CPU time, ratios of medians.

Run `python -m benchmarks.oracles`. Both are called in turn in one process on one thread. The targets are never slower
than 0.9 of the plain expression, and twice as fast and more where one pass over the rows gives several things.
"""

from __future__ import annotations

import os

os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import sys
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import expit

import problems.parts.losses
from problems.forms import TwiceSmooth
from problems.foundation.arrays import Vector
from problems.kernels.linear import linear_gradient
from problems.kernels.sparse import sparse_gradient
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows

ROUNDS, SECONDS = 21, 0.004  # of a round, at least
BATCH = 32
L2 = 0.1
DENSE = {"in cache": (300, 16), "out of L2": (6000, 100), "tall": (500_000, 20)}
SPARSE = {"in cache": (300, 200, 8), "out of L2": (20_000, 2000, 40), "tall": (500_000, 5000, 20)}  # the last: a row's

Elementwise = Callable[[Vector, Vector], tuple[float, Vector, Vector]]
Case = tuple[str, Callable[[], Any], Callable[[], Any]]


def squared(z: Vector, y: Vector) -> tuple[float, Vector, Vector]:
    r = z - y
    return float(r @ r) / 2, r, np.ones_like(r)


def logistic(z: Vector, y: Vector) -> tuple[float, Vector, Vector]:
    t = y * z
    p = expit(-t)
    return float(np.logaddexp(0, -t).sum()), -y * p, p * (1 - p)


PLAIN: dict[str, Elementwise] = {"squared": squared, "logistic": logistic}  # of others the loss's own block function


def values(loss: Loss) -> Callable[[Vector, Vector], float]:
    """The plain sum of losses alone."""
    if loss.name == "squared":
        return lambda z, y: float((z - y) @ (z - y)) / 2
    if loss.name == "logistic":
        return lambda z, y: float(np.logaddexp(0, -y * z).sum())
    return lambda z, y: loss.total(z, y)[0]


def cases(X: Any, y: Vector, loss: Loss) -> Iterator[Case]:
    """(name, ours, the plain expression) for each oracle that the loss has."""
    n, d = X.shape
    rng = np.random.default_rng(1)
    theta, v = (rng.standard_normal(d + 1) / np.sqrt(d) for _ in range(2))
    ridge = np.append(np.full(d, L2), 0.0)
    on: Any = linear_model(Rows(X), y, loss, Penalty(l2=L2))
    pieces, value = PLAIN.get(loss.name, loss.total), values(loss)
    Xt = X.T

    def predict() -> Vector:
        z: Vector = X @ theta[:-1] + theta[-1]
        return z

    def back(s: Vector) -> Vector:
        return np.append(Xt @ s, s.sum())

    def plain_value() -> Any:
        return value(predict(), y) / n + L2 / 2 * (theta[:-1] @ theta[:-1])

    def plain_gradient() -> tuple[float, Vector]:
        total, s, _ = pieces(predict(), y)
        return total / n + L2 / 2 * (theta[:-1] @ theta[:-1]), back(s) / n + ridge * theta

    def plain_fused() -> tuple[float, Vector, Vector]:
        total, s, h = pieces(predict(), y)
        return total, back(s), h

    def plain_hessian() -> Any:
        h = pieces(predict(), y)[2]
        inner = (Xt @ X.multiply(h[:, None])).toarray() if sp.issparse(X) else Xt @ (h[:, None] * X)
        edge = (Xt @ h)[:, None]
        return np.block([[inner, edge], [edge.T, h.sum(keepdims=True)[:, None]]]) / n + np.diag(ridge)

    yield "value", lambda: on.value(theta), plain_value
    if loss.continuous_derivatives:
        yield "value and gradient", lambda: on.value_and_gradient(theta), plain_gradient
    yield "value, gradient, curvature", lambda: on.rows.fused(theta, y, loss), plain_fused
    if isinstance(on, TwiceSmooth):
        h = pieces(predict(), y)[2]
        product = on.hessian_product(theta)
        yield "Hessian product", lambda: product(v), lambda: back(h * (X @ v[:-1] + v[-1])) / n + ridge * v
        if not sp.issparse(X) or d <= 2000:
            yield "Hessian", lambda: on.hessian(theta), plain_hessian
    native, g = on.native(), np.empty(d + 1)
    batch = np.arange(n // 2, n // 2 + BATCH)
    some, targets = X[batch], y[batch]
    scratch = np.empty(0)

    def plain_batch() -> Any:
        s = pieces(some @ theta[:-1] + theta[-1], targets)[1]
        return back_of(some, s) / BATCH + ridge * theta

    def back_of(rows: Any, s: Vector) -> Vector:
        return np.append(rows.T @ s, s.sum())

    ours: Any
    gradient: Any = sparse_gradient
    if sp.issparse(X):
        ours = lambda: gradient(theta, *native.X, y, native.integers, native.floats, batch, g)  # noqa: E731
    else:
        ours = lambda: linear_gradient(  # noqa: E731
            theta, X, y, native.integers, native.floats, scratch, n // 2, n // 2 + BATCH, g
        )
    yield f"native gradient of {BATCH} rows", ours, plain_batch


def seconds(function: Callable[[], Any], calls: int) -> float:
    began = process_time()
    for _ in range(calls):
        function()
    return (process_time() - began) / calls


def compare(ours: Callable[[], Any], plain: Callable[[], Any]) -> tuple[float, float]:
    """Seconds a call of each, measured in turn."""
    ours(), plain()
    calls = max(1, int(SECONDS / max(min(seconds(ours, 3), seconds(plain, 3)), 1e-7)))
    rounds = [(seconds(ours, calls), seconds(plain, calls)) for _ in range(ROUNDS)]
    return median(a for a, _ in rounds), median(b for _, b in rounds)


def draw(size: str, sparse: bool, rng: np.random.Generator) -> Any:
    if not sparse:
        return rng.standard_normal(DENSE[size])
    n, d, entries = SPARSE[size]
    columns = np.sort(rng.integers(d, size=(n, entries)).astype(np.int32), axis=1)
    X = sp.csr_array(
        (rng.standard_normal(n * entries), columns.ravel(), np.arange(n + 1, dtype=np.int32) * np.int32(entries)),
        shape=(n, d),
    )
    X.sum_duplicates()
    return X


def losses() -> list[Loss]:
    """Every loss that the package names, or makes of a parameter."""
    made = [thing(0.5) if hasattr(thing, "cache_info") else thing for thing in vars(problems.parts.losses).values()]
    return [loss for loss in made if isinstance(loss, Loss)]


def main(wanted: list[str]) -> None:
    """Measure and print, for all losses or for those named."""
    print(f"{'loss':10} {'layout':6} {'size':10} {'oracle':28} {'ours':>10} {'plain':>10} {'ratio':>6}")
    for loss in losses():
        if wanted and loss.name not in wanted:
            continue
        for sparse in (False, True):
            for size in DENSE:
                rng = np.random.default_rng(0)
                X = draw(size, sparse, rng)
                y = rng.standard_normal(X.shape[0])
                y = np.sign(y) if loss.labels else y
                for oracle, ours, plain in cases(X, y, loss):
                    a, b = compare(ours, plain)
                    what = f"{loss.name:10} {'CSR' if sparse else 'dense':6} {size:10} {oracle:28}"
                    print(f"{what} {1e6 * a:8.1f}us {1e6 * b:8.1f}us {b / a:6.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
