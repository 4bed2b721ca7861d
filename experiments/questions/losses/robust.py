"""Measured of losses: how far outliers and heavy tails move an estimate, and which solvers take which loss."""

from __future__ import annotations

from typing import Any

import numpy as np

import solvers
from experiments.lab.workers.worker import solver_of
from problems.data.synthetic.rows import plant
from problems.foundation.arrays import EPS, Vector
from problems.linear.regression import deviation, linear_regression
from solvers.linear_systems.direct import QR
from solvers.peers.scipy.linear_program_models import ScipyLinprogModel
from solvers.second_order.quasi_newton import LBFGS

LOSSES = ("squared", "huber", "absolute")
HALF = "quantile"  # of 0.5: half the absolute loss
WORD = {"squared": "the squared loss", "huber": "Huber's", "absolute": "the absolute loss"}
GAP = 1e-8
MOST = 2000  # iterates within which an iterative solver gets there
METHODS: dict[str, Any] = {
    "squared": QR(),
    "huber": LBFGS(),
    "absolute": ScipyLinprogModel(),
    "quantile": ScipyLinprogModel(),
}


def estimate(
    loss: str,
    shares: list[float],
    degrees: list[float],
    seed: int,
    n: int,
    d: int,
    condition: float,
    noise: float,
    shift: float,
    delta: float,
) -> dict[str, Any]:
    """|theta - hidden| for each share of outliers, and for each number of degrees of freedom; the largest gap."""
    rows: dict[str, Any] = {"n": n, "d": d, "condition": condition, "seed": seed}
    hidden = plant(n, d, seed, condition)
    right = np.append(hidden.w, hidden.b)
    given: dict[str, Any] = {"loss": loss, "noise": noise, **({"delta": delta} if loss == "huber" else {})}
    found = [
        minimised(linear_regression(outliers=share, shift=shift if share else None, **given, **rows), loss)
        for share in shares
    ]
    heavy = [minimised(linear_regression(tails=freedom, **given, **rows), loss) for freedom in degrees]
    return {
        "error": [float(np.linalg.norm(theta - right)) for theta, _ in found],
        "heavy": [float(np.linalg.norm(theta - right)) for theta, _ in heavy],
        "gap": max((gap for _, gap in (*found, *heavy)), default=0.0),
    }


def minimised(on: Any, loss: str) -> tuple[Vector, float]:
    """theta, and its gap: at most GAP, or what rounding leaves of f(0). ArithmeticError where that is not reached."""
    theta = np.zeros(on.dim)
    gap, enough = np.inf, max(GAP, 100 * EPS * on.value(theta))
    for made, new in enumerate(METHODS[loss].iterate(on, theta, np.random.default_rng(0))):
        theta = np.atleast_2d(new)[-1]
        gap = on.gap(theta)
        if gap <= enough:
            return theta, gap
        if made >= MOST:
            break
    raise ArithmeticError(f"its solver came no nearer to the minimum of the {loss} loss than {gap:.1g}")


def allowed(loss: str, known: list[str]) -> dict[str, Any]:
    """Which solvers take the loss, and why the others do not: a reason for each, empty where it does."""
    on = linear_regression(loss=loss, n=30, d=3)  # type: ignore[arg-type]
    return {"reasons": [solver_of(name).objection(on) or "" for name in known]}


def shape(loss: str, delta: float, residuals: list[float]) -> list[float]:
    """The loss of each residual."""
    of = deviation(loss, delta if loss == "huber" else None)
    return [of.total(np.array([r]), np.zeros(1))[0] for r in residuals]


def theory(loss: str, share: float, d: int, n: int, condition: float, noise: float, shift: float) -> float | None:
    """The root mean square of |theta - hidden| for many rows; None where no formula is at hand.

    Of squares exactly; of the absolute loss for outliers that lie beyond all noise. The rows' X'X/n has the eigenvalues
    that `plant` gives it, and 1 for the intercept.
    """
    spread = float(np.sqrt((np.sum(1 / np.geomspace(1 / condition, 1, d)) + 1) / n))
    if loss == "squared":
        return spread * float(np.sqrt(noise**2 + share * shift**2))
    return spread * noise * float(np.sqrt(np.pi / 2)) / (1 - share) if loss == "absolute" else None


def named() -> list[str]:
    """The catalogue of solvers."""
    return list(solvers.TABLE)
