"""What is measured of activations: properties, how gradients pass through a stack of them, and which units die."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from experiments.lab.workers.worker import solver_of
from experiments.questions.activations.cost import nanoseconds
from problems.foundation.arrays import Matrix, Vector
from problems.networks.diagnostics import dead, norms, passes, slopes
from problems.networks.network import Network, layered
from problems.networks.problem import network
from problems.parts import losses
from problems.parts.activations import ACTIVATIONS

FAR = 1000.0  # where the range is looked for
ROWS = 64  # that go through a stack
HIDDEN = (16, 16)  # units that may die
THREE = 3  # units of a softmax, two of them held at 0
WINDOW = np.linspace(-4, 4, 81)
EDGE = 1e-3  # half a gap across which a jump is looked for
LEAP = 0.05  # and what is one; derivatives here are of size 1
SAME = 1e-9


def sampled(name: str, z: Vector, together: bool = False) -> tuple[Vector, Vector]:
    """a(z) and a'(z) of one input, the others of its row held at 0, or all moving together."""
    a = ACTIVATIONS[name]
    width = THREE if name == "softmax" else 1
    Z: Matrix = np.zeros((z.size, a.pieces * width))
    step = np.zeros_like(Z)
    moving = slice(None) if together else slice(1)
    Z[:, moving], step[:, moving] = z[:, None], 1.0
    own = np.array(a.own)
    local = a.at(Z, own)
    return local.A[:, 0], local.push(step, np.zeros_like(own))[:, 0]


def properties(name: str) -> dict[str, Any]:
    """Range, smoothness and the rest as they show on samples; what an output costs; and the curves themselves.

    least, greatest: None where there is no end. order: how many derivatives have no jump, 2 at most; -1: not even the
    value. differs: which of these the house's own table states otherwise.
    """
    out = np.geomspace(1e-6, FAR, 4000)
    z = np.concatenate([-out[::-1], [0.0], out])
    A, slope = sampled(name, z)
    rises = np.diff(slope)
    at_0, beside = sampled(name, np.zeros(1))[0][0], sampled(name, np.array([-SAME, SAME]))[1]
    found = {
        "least": _bound(name, -1.0, z),
        "greatest": _bound(name, 1.0, z),
        "order": smoothness(name),
        "monotone": bool((np.diff(A) >= -SAME).all()),
        "monotone_slope": bool((rises >= -SAME).all() or (rises <= SAME).all()),
        "identity": bool(abs(at_0) < SAME and (abs(beside - 1) < 1e-6).all()),
    }
    value, both, *native = nanoseconds(name)
    curve, its_slope = sampled(name, WINDOW)
    return found | {
        "differs": differing(name, found),
        "value_ns": value,
        "both_ns": both,
        "native_ns": native[0] if native else None,
        "z": WINDOW.round(12).tolist(),
        "a": curve.tolist(),
        "slope": its_slope.tolist(),
    }


def _bound(name: str, side: float, z: Vector) -> float | None:
    """The extreme on that side; None where ten times as far out it is still five times as much."""
    ways = [side * sampled(name, z, together)[0] for together in (False, True)]
    near = max(float(A[abs(z) <= FAR / 10].max()) for A in ways)
    far = max(float(A.max()) for A in ways)
    return None if far > 5 * near > 0 else side * far


def smoothness(name: str) -> int:
    """How many derivatives have no jump anywhere in the window."""
    at = WINDOW[::5]  # 0 is among them
    sides = [sampled(name, at + side) for side in (-EDGE, EDGE)]
    bends = [
        (sampled(name, at + side + EDGE / 10)[1] - sampled(name, at + side - EDGE / 10)[1]) / (EDGE / 5)
        for side in (-EDGE, EDGE)
    ]
    jumps = [abs(sides[1][k] - sides[0][k]).max() for k in (0, 1)] + [abs(bends[1] - bends[0]).max()]
    return next((k for k, jump in enumerate(jumps) if jump > LEAP), len(jumps)) - 1


def differing(name: str, found: dict[str, Any]) -> list[str]:
    """Which properties the table of activations states otherwise."""
    a = ACTIVATIONS[name]
    stated = {
        "least": a.least if math.isfinite(a.least) else None,
        "greatest": a.greatest if math.isfinite(a.greatest) else None,
        "order": min(a.order, 2),
        "monotone": a.monotone,
        "monotone_slope": a.monotone_slope,
        "identity": a.identity,
    }

    def same(one: Any, other: Any) -> bool:
        return bool(one == other if one is None or other is None else abs(one - other) < 1e-5)

    return [key for key, value in found.items() if not same(value, stated[key])]


def flow(activation: str, gain: float, depth: int, width: int, seed: int) -> dict[str, Any]:
    """What is left at the first layer of the gradient at the last hidden one, in what they are given and in weights."""
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((ROWS, width)), rng.standard_normal(ROWS)
    stack: Network = layered(X, y, losses.squared, (width,) * (depth + 1) + (1,), activation)
    run = passes(stack, scaled(stack, gain, stack.start(rng)))
    given, weights = slopes(run), norms(run)
    return {"ratio": _over(given[0], given[depth - 1]), "weights": _over(weights[0], weights[depth - 1])}


def scaled(network: Network, gain: float, theta: Vector) -> Vector:
    """theta with all weights so many times as large."""
    larger = theta.copy()
    for layer in network.layers:
        larger[layer.first : layer.bias] *= gain
    return larger


def _over(first: float, last: float) -> float | None:
    ratio = first / last if last > 0 else math.inf
    return ratio if 0 < ratio < math.inf else None


def dying(activation: str, rate: float, epochs: int, seed: int) -> dict[str, Any]:
    """The share of hidden units dead before and after so many steps of gradient descent on two moons, and f there."""
    on = network(data="moons", hidden=HIDDEN, activation=activation, initialiser="he", seed=seed)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    theta, left = on.start(rng), epochs
    before = dead(passes(on, theta)) / sum(HIDDEN)
    for block in solver_of(f"gradient-descent(step={rate:g})").iterate(on, theta, rng):
        iterates = np.atleast_2d(block)[:left]
        theta, left = iterates[-1], left - len(iterates)
        if not left:
            break
    if not np.isfinite(theta).all():
        return {"before": before, "dead": None, "f": None, "accuracy": None}
    share = dead(passes(on, theta)) / sum(HIDDEN)
    return {"before": before, "dead": share, "f": on.value(theta), "accuracy": on.measures(theta)["accuracy"]}
