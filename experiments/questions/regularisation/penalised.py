"""What penalties do to the coefficients of one regression, measured: their paths, and what becomes of twins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp

from problems.data.real import real_rows
from problems.data.synthetic.rows import plant
from problems.data.synthetic.targets import numbers
from problems.foundation.arrays import Matrix, Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.composite.coordinate import CoordinateDescent
from solvers.composite.proximal import FISTA
from solvers.linear_systems.direct import QR, Cholesky

WORD = {"l1": "L1", "l2": "L2", "elastic-net": "ElasticNet"}
PENALTIES = tuple(WORD)
GAP = 1e-8
MOST = 20_000  # iterates within which an iterative solver gets there
HELD = 1000  # rows drawn to be held out
LEARNED = 2 / 3  # of one's own rows
COMPANY = 8  # columns beside the twins
NOTHING = 1e-3  # a sum of both below which it means nothing how it is shared


@dataclass(frozen=True)
class Halves:
    """Rows to learn from and rows held out, on the scale of the first; the hidden w where the rows were drawn."""

    X: Matrix
    y: Vector
    held: Matrix
    target: Vector
    names: tuple[str, ...]
    hidden: Vector | None


def drawn(n: int, d: int, sparsity: float, correlation: float, noise: float, seed: int) -> Halves:
    """n rows of a sparse hidden theta, and HELD more of the same."""
    hidden = plant(n + HELD, d, seed, correlation=correlation, sparsity=sparsity)
    y = numbers(hidden, noise)
    names = tuple(f"x{j}" for j in range(1, d + 1))
    return Halves(hidden.X[:n], y[:n], hidden.X[n:], y[n:], names, hidden.w)


def parted(data: str, target: str | None, seed: int) -> Halves:
    """One's own rows, two thirds of them to learn from, by chance. ValueError and DataError where that cannot be."""
    X, y, about = real_rows(data, target, "regression", standardize=False)
    X = X.toarray() if sp.issparse(X) else X
    order = np.random.default_rng(seed).permutation(len(y))
    learn, test = np.split(order, [round(LEARNED * len(y))])
    varying = X[learn].std(0) > 0
    if len(test) < 2 or not varying.any() or not y[learn].std() > 0:
        raise ValueError(f"the {len(y)} rows of {data} are too few, or too much alike, to be parted")
    names = about.columns or tuple(f"x{j}" for j in range(1, X.shape[1] + 1))
    mean, scale = X[learn].mean(0), np.where(varying, X[learn].std(0), 1.0)
    moved = ((X - mean) / scale)[:, varying]
    z = (y - y[learn].mean()) / y[learn].std()
    kept = tuple(name for name, varies in zip(names, varying, strict=True) if varies)
    return Halves(moved[learn], z[learn], moved[test], z[test], kept, None)


def heaviest(X: Matrix, y: Vector) -> float:
    """The lasso's weight from which on every coefficient is 0."""
    return float(abs(X.T @ (y - y.mean())).max()) / len(y)


def penalty_of(penalty: str, weight: float, mix: float) -> Penalty:
    """t (a |w|_1 + (1 - a)/2 |w|^2)."""
    share = {"l1": 1.0, "l2": 0.0}.get(penalty, mix)
    return Penalty(share * weight, (1 - share) * weight)


def fitted(X: Matrix, y: Vector, penalty: Penalty, theta0: Vector) -> tuple[Vector, float]:
    """theta = (w, b) and its duality gap, at most GAP. ArithmeticError where that is not reached."""
    model: Any = linear_model(Rows(X), y, squared, penalty)
    methods: list[Any] = [Cholesky()] if penalty.smooth else [CoordinateDescent(), FISTA()]
    gap, theta = np.inf, theta0
    for method in methods:
        made = 0
        for new in method.iterate(model, theta0, np.random.default_rng(0)):
            rows = np.atleast_2d(new)
            theta, made = rows[-1], made + len(rows)
            gap = model.gap(theta)
            if gap <= GAP:
                return theta, gap
            if made >= MOST:
                break
    raise ArithmeticError(f"no solver came nearer to the minimum than {gap:.1g}")


def path(
    penalty: str,
    mix: float,
    shares: list[float],
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
    """Along growing weights: the error on rows held out, the columns found and mistaken, and `keep` coefficients."""
    half = drawn(n, d, sparsity, correlation, noise, seed) if data is None else parted(data, target, seed)
    used = None if half.hidden is None else half.hidden != 0
    unit, theta, worst = heaviest(half.X, half.y), np.zeros(half.X.shape[1] + 1), 0.0
    thetas = []
    for share in reversed(shares):  # from the simplest answer on, each starts where the last ended
        theta, gap = fitted(half.X, half.y, penalty_of(penalty, share * unit, mix), theta)
        thetas.append(theta)
        worst = max(worst, gap)
    W = np.array(thetas)[::-1]
    nonzero = W[:, :-1] != 0
    free = plain(half.X, half.y)
    told: dict[str, Any] = {
        "error": [error_of(half, each) for each in W],
        "free": error_of(half, free),
        "constant": float(np.mean((half.target - half.y.mean()) ** 2)),
        "columns": half.X.shape[1],
        "nonzero": nonzero.sum(1).tolist(),
        "used": None if used is None else int(used.sum()),
        "found": None if used is None else (nonzero & used).sum(1).tolist(),
        "mistaken": None if used is None else (nonzero & ~used).sum(1).tolist(),
        "gap": worst,
    }
    if keep:
        largest = np.argsort(-abs(free[:-1]), kind="stable")[:keep]  # the same ones under each penalty
        told["names"] = [half.names[j] for j in largest]
        told["hidden"] = [None if half.hidden is None else float(half.hidden[j]) for j in largest]
        told["coefficients"] = W[:, largest].T.tolist()
    return told


def plain(X: Matrix, y: Vector) -> Vector:
    """Least squares without a penalty, of least norm where several are least."""
    model: Any = linear_model(Rows(X), y, squared)
    (theta,) = QR(minimum_norm=True).iterate(model, np.zeros(model.dim), np.random.default_rng(0))
    return theta


def error_of(half: Halves, theta: Vector) -> float:
    """The mean squared error on the rows held out."""
    return float(np.mean((half.held @ theta[:-1] + theta[-1] - half.target) ** 2))


def twin(
    penalty: str, mix: float, shares: list[float], seed: int, alike: float, n: int, noise: float
) -> dict[str, Any]:
    """|w_1 - w_2| / (|w_1| + |w_2|) along growing weights, of two columns correlated by `alike` that count 1 each.

    None where next to nothing is left of both. COMPANY other columns count for nothing.
    """
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, 2 + COMPANY))
    X[:, 1] = alike * X[:, 0] + np.sqrt(1 - alike**2) * X[:, 1]
    y = X[:, 0] + X[:, 1] + noise * rng.standard_normal(n)
    unit, theta = heaviest(X, y), np.zeros(X.shape[1] + 1)
    apart: list[float | None] = []
    for share in reversed(shares):
        theta, _ = fitted(X, y, penalty_of(penalty, share * unit, mix), theta)
        both = float(abs(theta[0]) + abs(theta[1]))
        apart.append(float(abs(theta[0] - theta[1])) / both if both > NOTHING else None)
    return {"apart": apart[::-1]}
