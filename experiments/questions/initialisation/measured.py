"""What is measured of starts: signals and gradients through a deep stack, and units that stay one another's copies."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.lab.workers.worker import solver_of
from problems.networks.diagnostics import distinct, norms, passes, signals, slopes
from problems.networks.network import layered
from problems.networks.problem import network
from problems.parts import losses

ROWS, FEW = 64, 8  # rows through the stack; units of the one hidden layer
ODD = 101  # rows that this learns from: with as many of one class as of the other not even the last layer would move
MOVED = 1000  # iterates after which copies are counted
STEPS = "gradient-descent(step=0.3)"


def stack(initialiser: str, activation: str, depth: int, width: int, seed: int) -> dict[str, Any]:
    """By layer: the variance of what the activation is given, and the mean square of the gradient in it."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((ROWS, width)), rng.standard_normal(ROWS)
    on = layered(X, y, losses.squared, (width,) * (depth + 1) + (1,), activation, 0.0, initialiser)
    run = passes(on, on.start(rng))
    return {"signal": signals(run)[:depth], "gradient": [root**2 for root in slopes(run)[:depth]]}


def copies(initialiser: str, activation: str, seed: int) -> dict[str, Any]:
    """The norms of the gradients of both layers' weights at theta_0; units that differ after MOVED steps, and f."""
    on = network("moons", None, FEW, activation, initialiser, n=ODD)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    theta, left = on.start(rng), MOVED
    first, last = norms(passes(on, theta))
    for block in solver_of(STEPS).iterate(on, theta, rng):
        iterates = np.atleast_2d(block)[:left]
        theta, left = iterates[-1], left - len(iterates)
        if not left:
            break
    return {"first": first, "last": last, "distinct": distinct(on, theta), "units": FEW, "f": on.value(theta)}
