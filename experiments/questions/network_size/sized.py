"""One network of a given size, trained on noisy rows and tried on rows held out."""

from __future__ import annotations

from time import process_time
from typing import Any

import numpy as np

from experiments.figures.general_plots import packed
from experiments.lab.measurement.cost import peak_bytes
from experiments.lab.workers.worker import solver_of
from problems.foundation.arrays import Matrix, Vector
from problems.networks.network import Network
from problems.networks.output_loss import judged
from problems.networks.problem import DRAWN, network
from problems.parts.losses import Loss

LEARNED = 2 / 3  # of one's own rows
MOMENTS = 16  # of a run at which both errors are taken
GRID = 48  # points a side of a plane that is drawn
SHOWN = 200  # rows drawn on it


def halves(
    data: str,
    target: str | None,
    noise: float,
    n: int,
    held: int,
    seed: int,
    hidden: list[int],
    activation: str,
    l2: float,
) -> tuple[Network, Matrix, Any]:
    """A network on rows to learn from, and X and y of rows held out, on the scale of the first.

    Drawn rows are n and `held` more; of one's own two thirds are to learn from. ValueError and DataError where that
    cannot be.
    """
    given: dict[str, Any] = {"hidden": tuple(hidden), "activation": activation}
    if data in DRAWN:
        whole = network(data, n=n + held, noise=noise, seed=seed, **given)
    else:
        whole = network(data, target, standardize=False, **given)
    count = n if data in DRAWN else round(LEARNED * whole.n)
    learn, test = np.split(np.random.default_rng(seed).permutation(whole.n), [count])
    if not len(learn) or not len(test):
        raise ValueError(f"the {whole.n} rows of {data} are too few to be parted")
    X, y = whole.X, whole.y
    if data not in DRAWN:
        X = _scaled(X, learn)
        y = y if classes_of(whole) else _scaled(y.reshape(whole.n, -1), learn).reshape(y.shape)
    own = type(whole)(X[learn], y[learn], whole.loss, whole.widths, activation, l2, "xavier")
    return own, X[test], y[test]


def _scaled(columns: Matrix, learn: Any) -> Matrix:
    """Columns with mean 0 and variance 1 over the rows to learn from; those constant there become 0."""
    mean, scale = columns[learn].mean(0), columns[learn].std(0)
    return np.ascontiguousarray((columns - mean) / np.where(scale > 0, scale, np.inf))


def classes_of(net: Network) -> bool:
    """Whether it tells classes apart, rather than numbers."""
    return bool(net.loss.labels if isinstance(net.loss, Loss) else net.loss.classes)


def tried(net: Network, theta: Vector, X: Matrix, y: Any) -> tuple[float, float]:
    """The mean loss on those rows, and the error: the share told wrongly, or of numbers the mean square."""
    Z = net.predict(theta, X)
    loss = judged(net.loss, Z.reshape(len(X), -1), y)[0] / len(X)
    if not classes_of(net):
        return loss, float(np.mean((Z - y) ** 2))
    told = np.where(Z > 0, 1.0, -1.0) if Z.ndim == 1 else Z.argmax(1)
    return loss, float(np.mean(told != y))


def constant(net: Network, y: Any) -> tuple[float, float]:
    """What one and the same answer for every row comes to: its loss on rows learned, its error on those held out."""
    if not classes_of(net):
        apart = (net.y - net.y.mean(0)) ** 2
        return float(apart.sum() / 2 / net.n), float(np.mean((y - net.y.mean(0)) ** 2))
    values, counts = np.unique(net.y, return_counts=True)
    shares = counts / net.n
    return float(-shares @ np.log(shares)), float(np.mean(y != values[counts.argmax()]))


def fitted(
    data: str,
    target: str | None,
    noise: float,
    n: int,
    held: int,
    rows: int,
    depth: int,
    width: int,
    activation: str,
    l2: float,
    solver: str,
    iterates: int,
    seed: int,
    keep: bool,
) -> dict[str, Any]:
    """Losses and errors of a network of that depth and width after so many iterates from the weights that `seed` draws.

    rows: the seed of the rows. rest: the gradient's norm at the end, in units of that at the start. at, along, away:
    moments of the run, and the losses on rows learned and held out. keep: whether the plane is to be drawn, if it is
    one with two classes.
    """
    net, X, y = halves(data, target, noise, n, held, rows, [width] * depth, activation, l2)
    method = solver_of(solver)
    if refused := method.objection(net):
        raise ValueError(refused)
    rng = np.random.default_rng(seed)
    theta0 = net.start(rng)
    moments = sorted({0, *np.geomspace(1, iterates, MOMENTS).round().astype(int).tolist()})
    kept = {0: theta0}
    theta, made, began = theta0, 0, process_time()
    for new in method.iterate(net, theta0, rng):
        for theta in np.atleast_2d(new)[: iterates - made]:
            made += 1
            if made in moments:
                kept[made] = theta
        if made >= iterates:
            break
    seconds = process_time() - began
    kept[made] = theta
    if not np.isfinite(theta).all():
        raise ArithmeticError(f"theta is not finite after {made} iterates")
    train, test = tried(net, theta, net.X, net.y), tried(net, theta, X, y)
    level = constant(net, y)
    first, last = (float(np.linalg.norm(net.value_and_gradient(at)[1])) for at in (theta0, theta))
    found = {
        "parameters": net.dim, "seconds": seconds, "iterates": made, "classes": classes_of(net),
        "memory": peak_bytes(lambda: net.value_and_gradient(theta)).bytes,
        "train_loss": train[0], "train_error": train[1], "test_loss": test[0], "test_error": test[1],
        "constant_loss": level[0], "constant_error": level[1],
        "rest": last / first if first else 0.0,
        "at": list(kept), "along": [tried(net, each, net.X, net.y)[0] for each in kept.values()],
        "away": [tried(net, each, X, y)[0] for each in kept.values()],
    }  # fmt: skip
    return found | (
        _plane(net, theta) if keep and net.widths[0] == 2 and net.widths[-1] == 1 and classes_of(net) else {}
    )


def _plane(net: Network, theta: Vector) -> dict[str, Any]:
    """The probability of label 1 on a grid about the rows learned, and some of those."""
    low, high = net.X.min(0), net.X.max(0)
    x, y = (np.linspace(a - 0.1 * (b - a), b + 0.1 * (b - a), GRID) for a, b in zip(low, high, strict=True))
    Z = net.predict(theta, np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)).reshape(GRID, GRID)
    points = [[*row, label] for row, label in zip(net.X[:SHOWN].tolist(), net.y[:SHOWN].tolist(), strict=True)]
    shade = 0.5 * (1 + np.tanh(0.5 * Z)) if net.loss.name == "logistic" else np.clip(0.5 * (1 + Z), 0, 1)
    return {"x": x.tolist(), "y": y.tolist(), "shade": packed(shade), "points": points}
