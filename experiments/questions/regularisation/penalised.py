"""What a penalty does to the coefficients of one regression: coefficient paths, and two columns that are alike."""

from __future__ import annotations

from itertools import islice
from typing import Any

import numpy as np

from experiments.questions.held_out import TRAINING_SHARE, Part, Split, source_of, split, standardized
from problems.data.source import Task
from problems.data.synthetic.linear import Synthetic
from problems.foundation.arrays import Matrix, Vector, dense
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows
from solvers.base.driving import iterates, last_iterate
from solvers.composite.coordinate import CoordinateDescent
from solvers.composite.proximal import FISTA
from solvers.linear_systems.direct import QR, Cholesky

NAMES = {"l1": "L1", "l2": "L2", "elastic-net": "ElasticNet"}
PENALTIES = tuple(NAMES)
LARGEST_GAP = 1e-8
MOST_ITERATIONS = 20_000  # within which an iterative solver reaches that gap
HELD_OUT = 1000  # synthetic rows that are held out
OTHER_COLUMNS = 8  # beside the two that are alike
NEARLY_ZERO = 1e-3  # a sum |w_1| + |w_2| below which the difference of the two says nothing


def synthetic_rows(
    n: int, d: int, sparsity: float, correlation: float, noise: float, seed: int
) -> tuple[Split, Vector]:
    """n training rows of a sparse hidden model and HELD_OUT more, and its coefficients w, shape (d,)."""
    source = Synthetic(n=n + HELD_OUT, d=d, correlation=correlation, sparsity=sparsity, noise=noise, seed=seed)
    rows = source.rows(Task.NUMBERS)
    names = tuple(f"x{j}" for j in range(1, d + 1))
    return Split(Part(rows.X[:n], rows.y[:n]), Part(rows.X[n:], rows.y[n:]), names), source.hidden().w


def users_rows(data: str, target: str | None, seed: int) -> Split:
    """A user's rows, or a bundled data set: two thirds, chosen at random, are for training. All are scaled by these.

    ValueError and DataError where the rows cannot be used.
    """
    rows = source_of("linear-regression", data, target).rows(Task.NUMBERS)
    if rows.y.ndim > 1:
        raise ValueError(f"{data} has {rows.y.shape[1]} targets; one is needed here")
    X = dense(rows.X)
    names = rows.about.columns or tuple(f"x{j}" for j in range(1, X.shape[1] + 1))
    return standardized(split(X, rows.y, round(TRAINING_SHARE * len(X)), seed, names), numbers=True)


def largest_weight(X: Matrix, y: Vector) -> float:
    """The weight of the lasso from which on every coefficient is 0."""
    return float(abs(X.T @ (y - y.mean())).max()) / len(y)


def penalty_of(penalty: str, weight: float, mix: float) -> Penalty:
    """t (a |w|_1 + (1 - a)/2 |w|^2), with t the weight and a the mix of ElasticNet."""
    share = {"l1": 1.0, "l2": 0.0}.get(penalty, mix)
    return Penalty(share * weight, (1 - share) * weight)


def minimiser(X: Matrix, y: Vector, penalty: Penalty, theta0: Vector) -> tuple[Vector, float]:
    """theta = (w, b) and its duality gap, at most LARGEST_GAP. ArithmeticError where no solver reaches that."""
    model: Any = linear_model(Rows(X), y, squared, penalty)
    solvers: list[Any] = [Cholesky()] if penalty.smooth else [CoordinateDescent(), FISTA()]
    gap = np.inf
    for solver in solvers:
        for theta in islice(iterates(solver, model, theta0), MOST_ITERATIONS):
            gap = model.gap(theta)
            if gap <= LARGEST_GAP:
                return theta, gap
    raise ArithmeticError(f"no solver reached a gap of {LARGEST_GAP:g}; the last gap is {gap:.1g}")


def path(
    penalty: str,
    mix: float,
    shares: tuple[float, ...],
    seed: int,
    keep: int,
    data: str | None,
    target: str | None,
    n: int,
    d: int,
    sparsity: float,
    correlation: float,
    noise: float,
) -> dict[str, Any]:
    """The minimisers for growing weights, `shares` of the largest weight of the lasso.

    Returned for each weight: the error on one half of the held-out rows, `validation`, by which a weight is chosen, and
    on the other half, `error`, which tells what the choice is worth; the number of nonzero coefficients, the columns
    `found` (used by the hidden coefficients and nonzero) and `mistaken` (not used and nonzero), and `keep`
    coefficients. The error `free` is that without a penalty.
    """
    if data is None:
        rows, w = synthetic_rows(n, d, sparsity, correlation, noise, seed)
        hidden: Vector | None = w
    else:
        rows, hidden = users_rows(data, target, seed), None
    (X, y), (validation, test) = rows.training, halves(rows.held_out)
    largest, theta, worst = largest_weight(X, y), np.zeros(X.shape[1] + 1), 0.0
    thetas = []
    for share in reversed(shares):  # from the simplest model on, each run starts where the last one ended
        theta, gap = minimiser(X, y, penalty_of(penalty, share * largest, mix), theta)
        thetas.append(theta)
        worst = max(worst, gap)
    W = np.array(thetas)[::-1]
    nonzero = W[:, :-1] != 0
    used = None if hidden is None else hidden != 0
    free = least_squares(X, y)
    values: dict[str, Any] = {
        "validation": [mean_squared_error(validation, theta) for theta in W],
        "error": [mean_squared_error(test, theta) for theta in W],
        "free": mean_squared_error(test, free),
        "constant": float(np.mean((test.y - y.mean()) ** 2)),
        "columns": X.shape[1],
        "nonzero": nonzero.sum(1).tolist(),
        "used": None if used is None else int(used.sum()),
        "found": None if used is None else (nonzero & used).sum(1).tolist(),
        "mistaken": None if used is None else (nonzero & ~used).sum(1).tolist(),
        "gap": worst,
    }
    if keep:
        kept = np.argsort(-abs(free[:-1]), kind="stable")[:keep]  # the same columns under each penalty
        values["names"] = [rows.columns[j] for j in kept]
        values["hidden"] = [None if hidden is None else float(hidden[j]) for j in kept]
        values["coefficients"] = W[:, kept].T.tolist()
    return values


def least_squares(X: Matrix, y: Vector) -> Vector:
    """The minimiser without a penalty; the one of minimum norm where there are several."""
    model: Any = linear_model(Rows(X), y, squared, NONE)
    return last_iterate(QR(minimum_norm=True), model, np.zeros(model.dim), most=1)


def halves(part: Part) -> tuple[Part, Part]:
    """The first half of the rows, and the others. ValueError where there are fewer than two rows."""
    half = len(part.y) // 2
    if not half:
        raise ValueError(f"{len(part.y)} held-out rows are too few to choose a weight and to test it; two are needed")
    return Part(part.X[:half], part.y[:half]), Part(part.X[half:], part.y[half:])


def mean_squared_error(part: Part, theta: Vector) -> float:
    """The mean squared error of the predictions of theta."""
    return float(np.mean((part.X @ theta[:-1] + theta[-1] - part.y) ** 2))


def twin(
    penalty: str, mix: float, shares: tuple[float, ...], seed: int, correlation: float, n: int, noise: float
) -> dict[str, Any]:
    """|w_1 - w_2| / (|w_1| + |w_2|) for growing weights, of two columns with that correlation.

    The hidden coefficients of both are 1, those of OTHER_COLUMNS more columns are 0. None where both coefficients are
    nearly 0.
    """
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 2 + OTHER_COLUMNS))
    X[:, 1] = correlation * X[:, 0] + np.sqrt(1 - correlation**2) * X[:, 1]
    y = X[:, 0] + X[:, 1] + noise * rng.standard_normal(n)
    largest, theta = largest_weight(X, y), np.zeros(X.shape[1] + 1)
    differences: list[float | None] = []
    for share in reversed(shares):
        theta, _ = minimiser(X, y, penalty_of(penalty, share * largest, mix), theta)
        total = float(abs(theta[0]) + abs(theta[1]))
        differences.append(float(abs(theta[0] - theta[1])) / total if total > NEARLY_ZERO else None)
    return {"difference": differences[::-1]}
