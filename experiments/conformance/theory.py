"""What theory demands of a method of its kind."""

from __future__ import annotations

import math
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.linalg import cond, norm

from experiments.conformance.contract import iterates
from experiments.conformance.examples import Claimed, Dominated, Example, Gaussian
from experiments.conformance.failure import Fallen
from experiments.conformance.promises import NEAR
from problems.forms import LeastSquares, LinearSystem
from problems.foundation.arrays import EPS, Matrix, Vector
from solvers.base import Breakdown, Refusal

C = 30.0  # how many times the textbook's bound rounding may reach
LONG = 3000  # iterates, after which a method that converges on a small problem has done so


def answers_to_working_accuracy(solver: Any, example: Example) -> None:
    """A direct method's answer is that of data which differ by rounding alone."""
    found = iterates(solver, example, example.seed, 2)
    if len(found) != 1:
        return
    on = example.on
    if LinearSystem in solver.needs or not isinstance(on, LeastSquares):
        A, b = on.system()
        ratio, limit = square_error(_dense(A), b, found[0]), C
    else:
        B, c = on.least_squares()
        ratio, limit = rows_error(_dense(B), c, found[0]), C
        if "normal equations" in (type(solver).__doc__ or "").lower() or "B'B" in (type(solver).__doc__ or ""):
            limit *= cond(_dense(B))
    if not ratio <= limit:
        raise Fallen(f"its backward error is {ratio:.3g} times rounding; {limit:.3g} would be allowed")


def square_error(A: Matrix, b: Vector, theta: Vector) -> float:
    """The backward error of A theta = b, in units of rounding."""
    return float(norm(b - A @ theta, 1) / (norm(A, 1) * norm(theta, 1) * EPS))


def rows_error(B: Matrix, c: Vector, theta: Vector) -> float:
    """The backward error of least squares, in units of rounding. Karlson & Walden (1997), doi:10.1007/BF02510180."""
    r = c - B @ theta
    eta = norm(r) / norm(c)
    U, s, _ = np.linalg.svd(B, full_matrices=False)
    backward = norm(s / np.sqrt(s**2 + eta**2) * (U.T @ r))
    return float(backward / (norm(c) * norm(B) * max(B.shape) * EPS))


def _dense(A: Any) -> Matrix:
    array: Matrix = A.toarray() if hasattr(A, "toarray") else A
    return array


def tells_an_indefinite_matrix(solver: Any, example: Claimed) -> None:
    """A matrix that is not positive definite is never solved as if it were."""
    A, b = example.parts
    try:
        with np.errstate(all="ignore"):
            found = list(islice(solver.iterate(example, np.zeros(len(b)), np.random.default_rng(0)), 100))
    except (Breakdown, Refusal):
        return
    if found and norm(b - A @ np.atleast_2d(found[-1])[-1]) <= 1e-8 * norm(b):
        raise Fallen("it succeeds, though the matrix is not positive definite: it must say that it is not")


def ends_with_the_clusters(solver: Any, example: Claimed) -> None:
    """A Krylov method needs as many steps as there are different eigenvalues, and a few more for rounding."""
    A, b = example.parts
    steps = len(set(example.eigenvalues)) + 3
    found = []
    try:
        for new in islice(solver.iterate(example, np.zeros(len(b)), np.random.default_rng(0)), steps):
            found += list(np.atleast_2d(new))
    except (Breakdown, Refusal) as told:
        raise Fallen(f"it gives up on a definite matrix: {told}") from None
    left = norm(b - A @ found[:steps][-1]) / norm(b)
    if not left <= C * cond(A) * EPS * 10:
        raise Fallen(f"after {steps} steps the residual is {left:.3g} of b: its directions are not conjugate")


def its_error_never_rises(solver: Any, example: Claimed) -> None:
    """The error of conjugate gradients never rises in the norm of the matrix."""
    A, b = example.parts
    exact = np.linalg.solve(A, b)
    found: list[Vector] = [np.zeros(len(b))]
    try:
        for new in islice(solver.iterate(example, np.zeros(len(b)), np.random.default_rng(0)), 3 * len(b)):
            found += list(np.atleast_2d(new))
    except (Breakdown, Refusal) as told:
        raise Fallen(f"it gives up on a definite matrix: {told}") from None
    errors = [math.sqrt(abs(float((x - exact) @ A @ (x - exact)))) for x in found]
    slack = C * EPS * math.sqrt(cond(A)) * len(b) * errors[0]
    for k, (before, after) in enumerate(pairwise(errors), start=1):
        if after > before + slack:
            raise Fallen(f"it rises from {before:.6g} to {after:.6g} at iterate {k}")


def converges_as_its_splitting_says(solver: Any, example: Dominated) -> None:
    """A splitting converges if and only if the spectral radius of I - M^-1 A is below 1."""
    A, b = example.parts
    radius = float(abs(np.linalg.eigvals(np.eye(len(b)) - np.linalg.solve(solver.splitting(A), A))).max())
    if abs(math.log(radius)) < 0.02:
        return
    error, exact = math.inf, np.linalg.solve(A, b)
    try:
        with np.errstate(all="ignore"):
            for new in islice(solver.iterate(example, np.zeros(len(b)), np.random.default_rng(0)), LONG):
                error = float(norm(np.atleast_2d(new)[-1] - exact) / norm(exact))
    except (Breakdown, Refusal):
        return
    if (error < NEAR) != (radius < 1):
        raise Fallen(f"the spectral radius is {radius:.3g}, and the error comes to {error:.3g}")


def is_done_in_one_step(solver: Any, example: Example) -> None:
    """A method of second order is done with a quadratic in one step."""
    on, known = example.on, example.reference()
    claimed = solver.rate(known.spectrum) if known.spectrum else None
    if claimed is None or claimed.order != 2:
        return
    first = on.value(example.start()) - known.lower
    gap = min((on.value(theta) - known.lower for theta in iterates(solver, example, example.seed, 1)), default=0.0)
    if not gap <= 1e-9 * first + 4 * known.width:
        raise Fallen(f"after one step f - f* is {gap:.3g}, {first:.3g} at the start")


def is_zero_where_the_penalty_is_large(solver: Any, example: Example) -> None:
    """Where l1 is above every slope at zero, all penalised coefficients are exactly zero."""
    on = example.on
    found = iterates(solver, example, example.seed, LONG)
    if found and np.count_nonzero(on.rows.split(found[-1])[0]):
        raise Fallen(f"after {len(found)} iterates the coefficients are {found[-1]}: they must be exactly zero")


def samples_its_density(solver: Any, example: Gaussian) -> None:
    """Its states have the mean and the variance of exp(-f/temperature)."""
    wanted = example.variance * solver.temperature
    means, variances = [], []
    for seed in range(40):
        states = iterates_of(solver, example, seed, 4000)[1000:]
        means.append(states.mean())
        variances.append((states**2).mean())
    for what, seen, exact in (("mean", means, 0.0), ("variance", variances, wanted)):
        z = (np.mean(seen) - exact) / (np.std(seen) / math.sqrt(len(seen)) + 1e-300)
        if not abs(z) <= 5:
            raise Fallen(f"the {what} of its states is {np.mean(seen):.4g}; {exact:.4g} is right ({abs(z):.1f} sigma)")


def iterates_of(solver: Any, on: Any, seed: int, most: int) -> Any:
    """The first states of a chain on `on`, shape (most, dim), from zero."""
    found: list[Any] = []
    rng = np.random.default_rng(seed)
    for new in solver.iterate(on, np.zeros(on.dim), rng):
        found += list(np.atleast_2d(new))
        if len(found) >= most:
            break
    return np.array(found[:most])
