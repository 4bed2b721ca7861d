"""One network of a given size, trained on noisy rows and evaluated on held-out rows."""

from __future__ import annotations

from itertools import islice
from time import process_time
from typing import Any

import numpy as np

from experiments.figures.general_plots import packed
from experiments.lab.measurement.cost import peak_bytes
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.worker import solver_of
from experiments.questions.held_out import TRAINING_SHARE, Part, draws_rows, source_of, split, standardized
from problems.foundation.arrays import Matrix, Vector
from problems.networks.network import Network, dense_network
from problems.networks.output_loss import loss_of_outputs
from problems.networks.problem import network
from problems.parts.losses import Loss
from solvers.base.driving import iterates

MOMENTS = 16  # of a run at which both losses are evaluated
GRID = 48  # points along each side of the plane that is drawn
SHOWN = 200  # rows drawn on it


def network_on(
    data: str,
    target: str | None,
    noise: float,
    n: int,
    held_out: int,
    seed: int,
    hidden: tuple[int, ...],
    activation: str,
    l2: float,
) -> tuple[Network, Part]:
    """A network on the training rows, and the held-out rows.

    Of drawn rows n are for training and `held_out` more are held out. Of all other data two thirds are for training,
    and columns and numbers to predict get the scale of the training rows. ValueError and DataError where the rows
    cannot be used.
    """
    source = source_of("network", data, target, n=n + held_out, noise=noise, seed=seed)
    whole = network(source)
    drawn = draws_rows(source)
    rows = split(whole.X, whole.y, n if drawn else round(TRAINING_SHARE * whole.n), seed)
    if not drawn:
        rows = standardized(rows, numbers=not predicts_classes(whole))
    X, y = rows.training
    widths = (X.shape[1], *hidden, whole.widths[-1])
    return dense_network(X, y, whole.loss, widths, activation, l2, "xavier"), rows.held_out


def predicts_classes(net: Network) -> bool:
    """Whether the network predicts classes, and not numbers."""
    return bool(net.loss.labels if isinstance(net.loss, Loss) else net.loss.classes)


def loss_and_error(net: Network, theta: Vector, X: Matrix, y: Any) -> tuple[float, float]:
    """The mean loss on those rows, and the error: the share of wrong classes, or the mean squared error of numbers."""
    Z = net.predict(theta, X)
    loss = loss_of_outputs(net.loss, Z.reshape(len(X), -1), y)[0] / len(X)
    if not predicts_classes(net):
        return loss, float(np.mean((Z - y) ** 2))
    predicted = np.where(Z > 0, 1.0, -1.0) if Z.ndim == 1 else Z.argmax(1)
    return loss, float(np.mean(predicted != y))


def constant_answer(net: Network, held_out_y: Any) -> tuple[float, float]:
    """The best constant answer: its loss on the training rows, and its error on the held-out rows."""
    if not predicts_classes(net):
        residuals = net.y - net.y.mean(0)
        return float(np.sum(residuals**2) / 2 / net.n), float(np.mean((held_out_y - net.y.mean(0)) ** 2))
    values, counts = np.unique(net.y, return_counts=True)
    shares = counts / net.n
    return float(-shares @ np.log(shares)), float(np.mean(held_out_y != values[counts.argmax()]))


def trained(
    data: str,
    target: str | None,
    noise: float,
    n: int,
    held_out: int,
    rows_seed: int,
    depth: int,
    width: int,
    activation: str,
    l2: float,
    solver: Named,
    iterations: int,
    seed: int,
    draw: bool,
) -> dict[str, Any]:
    """Losses and errors of a network of that depth and width after training from the weights that `seed` draws.

    rows_seed: the seed of the rows. draw: whether to return the plane too, where the rows lie in one and have two
    classes. Returned: gradient_ratio, the norm of the gradient at the end over that at the start; at, training_losses
    and held_out_losses, moments of the run and the losses there; memory in bytes, seconds of processor time.
    """
    net, (X, y) = network_on(data, target, noise, n, held_out, rows_seed, (width,) * depth, activation, l2)
    method = solver_of(solver)
    if objection := method.objection(net):
        raise ValueError(objection)
    rng = np.random.default_rng(seed)
    theta0 = net.start(rng)
    moments = {0, *np.geomspace(1, iterations, MOMENTS).round().astype(int).tolist()}
    kept = {0: theta0}
    theta, count, began = theta0, 0, process_time()
    for count, theta in enumerate(islice(iterates(method, net, theta0, rng), iterations), start=1):
        if count in moments:
            kept[count] = theta
    seconds = process_time() - began
    kept[count] = theta
    if not np.isfinite(theta).all():
        raise ArithmeticError(f"theta is not finite after {count} iterations")
    training, testing = loss_and_error(net, theta, net.X, net.y), loss_and_error(net, theta, X, y)
    constant = constant_answer(net, y)
    first, last = (float(np.linalg.norm(net.value_and_gradient(at)[1])) for at in (theta0, theta))
    values = {
        "parameters": net.dim, "seconds": seconds, "iterations": count, "classes": predicts_classes(net),
        "memory": peak_bytes(lambda: net.value_and_gradient(theta)).bytes,
        "training_loss": training[0], "training_error": training[1],
        "held_out_loss": testing[0], "held_out_error": testing[1],
        "constant_loss": constant[0], "constant_error": constant[1],
        "gradient_ratio": last / first if first else 0.0,
        "at": list(kept),
        "training_losses": [loss_and_error(net, point, net.X, net.y)[0] for point in kept.values()],
        "held_out_losses": [loss_and_error(net, point, X, y)[0] for point in kept.values()],
    }  # fmt: skip
    plane = draw and net.widths[0] == 2 and net.widths[-1] == 1 and predicts_classes(net)
    return values | (_plane(net, theta) if plane else {})


def _plane(net: Network, theta: Vector) -> dict[str, Any]:
    """The probability of label 1 on a grid around the training rows, and some of these rows."""
    low, high = net.X.min(0), net.X.max(0)
    x, y = (np.linspace(a - 0.1 * (b - a), b + 0.1 * (b - a), GRID) for a, b in zip(low, high, strict=True))
    Z = net.predict(theta, np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)).reshape(GRID, GRID)
    points = [[*row, label] for row, label in zip(net.X[:SHOWN].tolist(), net.y[:SHOWN].tolist(), strict=True)]
    shade = 0.5 * (1 + np.tanh(0.5 * Z)) if net.loss.name == "logistic" else np.clip(0.5 * (1 + Z), 0, 1)
    return {"x": x.tolist(), "y": y.tolist(), "shade": packed(shade), "points": points}
