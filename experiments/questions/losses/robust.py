"""How much outliers and heavy tails change an estimate under each loss, and which solvers accept which loss."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np

from experiments.lab.spec.grammar import Spec
from experiments.lab.workers.worker import solver_of
from problems.data.synthetic.linear import Synthetic
from problems.foundation.arrays import EPS, Vector
from problems.linear.regression import linear_regression, loss_of
from solvers.base.driving import iterates
from solvers.linear_systems.direct import QR
from solvers.peers.scipy.linear_program_models import ScipyLinprogModel
from solvers.second_order.quasi_newton import LBFGS

LOSSES = ("squared", "huber", "absolute")
MEDIAN = "quantile"  # of 0.5, which is half the absolute loss
NAMES = {"squared": "the squared loss", "huber": "Huber's loss", "absolute": "the absolute loss"}
LARGEST_GAP = 1e-8
MOST_ITERATIONS = 2000  # within which an iterative solver reaches that gap
SOLVERS: dict[str, Any] = {
    "squared": QR(),
    "huber": LBFGS(),
    "absolute": ScipyLinprogModel(),
    "quantile": ScipyLinprogModel(),
}


def estimate(
    loss: Any,
    shares: tuple[float, ...],
    degrees: tuple[float, ...],
    seed: int,
    n: int,
    d: int,
    condition: float,
    noise: float,
    shift: float,
    delta: float,
) -> dict[str, Any]:
    """The errors |theta - hidden| of the estimates by one loss, and their largest gap.

    error: for each share of outliers; tail_error: for each number of degrees of freedom of the noise.
    """
    rows = Synthetic(n=n, d=d, condition=condition, noise=noise, seed=seed)
    hidden = rows.hidden()
    theta = np.append(hidden.w, hidden.b)
    sources = {
        "error": [replace(rows, outliers=share, shift=shift if share else None) for share in shares],
        "tail_error": [replace(rows, tails=freedom) for freedom in degrees],
    }
    estimates = {
        name: [minimiser(linear_regression(source, loss, delta if loss == "huber" else None), loss) for source in group]
        for name, group in sources.items()
    }
    errors = {name: [float(np.linalg.norm(point - theta)) for point, _ in pairs] for name, pairs in estimates.items()}
    return {**errors, "gap": max((gap for pairs in estimates.values() for _, gap in pairs), default=0.0)}


def minimiser(problem: Any, loss: str) -> tuple[Vector, float]:
    """theta and its gap, at most LARGEST_GAP or the rounding error of f(0). ArithmeticError if that is not reached."""
    theta0 = np.zeros(problem.dim)
    gap, enough = np.inf, max(LARGEST_GAP, 100 * EPS * problem.value(theta0))
    for theta in islice(iterates(SOLVERS[loss], problem, theta0), MOST_ITERATIONS):
        gap = problem.gap(theta)
        if gap <= enough:
            return theta, gap
    raise ArithmeticError(f"the solver of the {loss} loss reached a gap of {gap:.1g}, not {enough:.1g}")


def acceptance(loss: Any, solvers: tuple[str, ...]) -> dict[str, Any]:
    """Whether each solver of those names accepts the loss.

    objections: a sentence for each solver, empty where it accepts the loss. lacking: the reason why the problem lacks
    the first form that the solver needs, empty where it has all of them.
    """
    problem: Any = linear_regression(Synthetic(n=30, d=3), loss)
    objections, lacking = [], []
    for name in solvers:
        solver = solver_of(Spec(name))
        objections.append(solver.objection(problem) or "")
        form = next((form for form in solver.needs if not isinstance(problem, form)), None)
        lacking.append(problem.lacks(form) or "" if form else "")
    return {"objections": objections, "lacking": lacking}


def shape(loss: str, delta: float, residuals: list[float]) -> list[float]:
    """The loss of each residual."""
    chosen = loss_of(loss, delta if loss == "huber" else None)
    return [chosen.total(np.array([r]), np.zeros(1))[0] for r in residuals]


def theory(loss: str, share: float, d: int, n: int, condition: float, noise: float, shift: float) -> float | None:
    """The root mean square of |theta - hidden| for many rows; None where no formula is known here.

    Exact for the squared loss. For the absolute loss it holds where the outliers are beyond all noise. The eigenvalues
    of X'X/n are those that `synthetic` gives it, and 1 for the intercept.
    """
    spread = float(np.sqrt((np.sum(1 / np.geomspace(1 / condition, 1, d)) + 1) / n))
    if loss == "squared":
        return spread * float(np.sqrt(noise**2 + share * shift**2))
    return spread * noise * float(np.sqrt(np.pi / 2)) / (1 - share) if loss == "absolute" else None
