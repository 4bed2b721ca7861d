"""What theory requires of a method of its kind."""

from __future__ import annotations

import math
from itertools import islice, pairwise
from typing import Any

import numpy as np
from numpy.linalg import cond, norm

from experiments.conformance.cases.constructed import ChosenDiagonal, ChosenSpectrum, Gaussian
from experiments.conformance.cases.examples import Example
from experiments.conformance.requirements.contract import iterates
from experiments.conformance.requirements.failure import PropertyFailed
from problems.forms import LeastSquares, LinearSystem
from problems.foundation.arrays import EPS, Matrix, Vector
from solvers.base import Breakdown, Refusal, Trait, driving

SLACK = 30.0  # times the textbook's bound: what rounding may do
CONVERGED = 1e-10  # a relative error that a method which converges on a small problem reaches
MANY = 3000  # iterations in which a method that converges on a small problem has converged


def answers_to_working_accuracy(solver: Any, example: Example) -> None:
    """The answer of a direct method is exact for data that differ from the given ones by rounding only."""
    answers = iterates(solver, example, example.seed, 2)
    if len(answers) != 1:
        return
    problem = example.problem
    if LinearSystem in solver.needs or not isinstance(problem, LeastSquares):
        A, b = problem.system()
        error, limit = square_error(_dense(A), b, answers[0]), SLACK
    else:
        B, c = problem.least_squares()
        error, limit = rows_error(_dense(B), c, answers[0]), SLACK
        if Trait.SQUARES_CONDITION in solver.traits:
            limit *= cond(_dense(B))
    if not error <= limit:
        raise PropertyFailed(f"its backward error is {error:.3g} times rounding; at most {limit:.3g} is allowed")


def square_error(A: Matrix, b: Vector, theta: Vector) -> float:
    """The backward error of A theta = b, in units of rounding."""
    return float(norm(b - A @ theta, 1) / (norm(A, 1) * norm(theta, 1) * EPS))


def rows_error(B: Matrix, c: Vector, theta: Vector) -> float:
    """The backward error of least squares, in units of rounding. Karlson & Walden (1997), doi:10.1007/BF02510180."""
    r = c - B @ theta
    size = math.hypot(norm(c), norm(B) * norm(theta))
    eta = norm(B) * norm(r) / size
    U, s, _ = np.linalg.svd(B, full_matrices=False)
    backward = norm(s / np.sqrt(s**2 + eta**2) * (U.T @ r))
    return float(backward / (size * max(B.shape) * EPS))


def _dense(A: Any) -> Matrix:
    array: Matrix = A.toarray() if hasattr(A, "toarray") else A
    return array


def _from_zero(solver: Any, system: ChosenSpectrum | ChosenDiagonal, most: int) -> list[Vector]:
    """The first iterates from zero. Raises Breakdown and Refusal."""
    with np.errstate(all="ignore"):
        return list(islice(driving.iterates(solver, system, np.zeros(system.dim), 0), most))


def _from_zero_or_failed(solver: Any, system: ChosenSpectrum, most: int) -> list[Vector]:
    """The first iterates from zero on a definite system, on which no method may give up."""
    try:
        return _from_zero(solver, system, most)
    except (Breakdown, Refusal) as error:
        raise PropertyFailed(f"it gives up on a positive definite matrix: {error}") from None


def refuses_an_indefinite_matrix(solver: Any, example: ChosenSpectrum) -> None:
    """On a matrix that is not positive definite the solver says so, and gives no answer."""
    A, b = example.parts
    try:
        reached = _from_zero(solver, example, 100)
    except (Breakdown, Refusal):
        return
    if reached and norm(b - A @ reached[-1]) <= 1e-8 * norm(b):
        raise PropertyFailed("it solves the system although the matrix is not positive definite; it must say so")


def ends_with_the_clusters(solver: Any, example: ChosenSpectrum) -> None:
    """A Krylov method needs as many iterations as there are different eigenvalues, and a few more for rounding."""
    A, b = example.parts
    most = len(set(example.eigenvalues)) + 3
    reached = [np.zeros(len(b)), *_from_zero_or_failed(solver, example, most)]
    residual = norm(b - A @ reached[-1]) / norm(b)
    if not residual <= SLACK * cond(A) * EPS * 10:
        raise PropertyFailed(
            f"after {most} iterations the residual is {residual:.3g} times b: its directions are not conjugate"
        )


def converges_as_chebyshev_says(solver: Any, example: ChosenSpectrum) -> None:
    """A Krylov method converges at least as fast as the Chebyshev polynomials of the spectrum, over the whole run.

    |r_k| <= 2 sqrt(kappa) ((sqrt(kappa) - 1)/(sqrt(kappa) + 1))^k |b|. Saad (2003), doi:10.1137/1.9780898718003, 6.11.
    """
    A, b = example.parts
    root = math.sqrt(max(example.eigenvalues) / min(example.eigenvalues))
    for k, theta in enumerate(_from_zero_or_failed(solver, example, example.dim), start=1):
        residual = norm(b - A @ theta) / norm(b)
        limit = 2 * root * ((root - 1) / (root + 1)) ** k + SLACK * root**2 * EPS * 10
        if not residual <= limit:
            raise PropertyFailed(
                f"after {k} iterations the residual is {residual:.3g} times b, at most {limit:.3g} is allowed"
            )


def has_the_smallest_error(solver: Any, example: ChosenSpectrum) -> None:
    """Conjugate gradients have the smallest error of their Krylov subspace, in the norm of the matrix."""
    A, b = example.parts
    exact = np.linalg.solve(A, b)
    reached = _from_zero_or_failed(solver, example, 100)
    V = _krylov_basis(A, b, len(reached))
    floor = SLACK * EPS * math.sqrt(cond(A)) * _energy(A, exact)
    for k in range(10, len(reached) + 1, 10):
        W = V[:, :k]
        nearest = W @ np.linalg.solve(W.T @ A @ W, W.T @ b)
        smallest = _energy(A, exact - nearest)
        error = _energy(A, exact - reached[k - 1])
        if not error <= 1.1 * smallest + floor:
            raise PropertyFailed(f"after {k} iterations the error is {error:.3g}; {smallest:.3g} can be attained")


def _energy(A: Matrix, error: Any) -> float:
    """The norm of the matrix."""
    return math.sqrt(abs(float(error @ A @ error)))


def _krylov_basis(A: Matrix, b: Vector, k: int) -> Matrix:
    """An orthonormal basis of span(b, A b, ..., A^(k-1) b), shape (n, k), orthogonal to rounding."""
    V = (b / norm(b))[:, None]
    while V.shape[1] < k:
        w = A @ V[:, -1]
        for _ in range(2):
            w = w - V @ (V.T @ w)
        V = np.column_stack([V, w / norm(w)])
    return V


def its_error_never_rises(solver: Any, example: ChosenSpectrum) -> None:
    """The error of conjugate gradients never increases in the norm of the matrix."""
    A, b = example.parts
    exact = np.linalg.solve(A, b)
    reached = [np.zeros(len(b)), *_from_zero_or_failed(solver, example, 3 * len(b))]
    errors = [_energy(A, theta - exact) for theta in reached]
    slack = SLACK * EPS * math.sqrt(cond(A)) * len(b) * errors[0]
    for k, (before, after) in enumerate(pairwise(errors), start=1):
        if after > before + slack:
            raise PropertyFailed(f"the error increases from {before:.6g} to {after:.6g} at iteration {k}")


def converges_as_its_splitting_says(solver: Any, example: ChosenDiagonal) -> None:
    """A splitting method converges if and only if the spectral radius of I - M^-1 A is below 1."""
    A, b = example.parts
    radius = float(abs(np.linalg.eigvals(np.eye(len(b)) - np.linalg.solve(solver.splitting(A), A))).max())
    if abs(math.log(radius)) < 0.02:
        return
    try:
        reached = _from_zero(solver, example, MANY)
    except (Breakdown, Refusal):
        return
    exact = np.linalg.solve(A, b)
    with np.errstate(all="ignore"):
        error = float(norm(reached[-1] - exact) / norm(exact)) if reached else math.inf
    if (error < CONVERGED) != (radius < 1):
        raise PropertyFailed(f"the spectral radius is {radius:.3g}, but its relative error at the end is {error:.3g}")


def follows_its_splitting(solver: Any, example: ChosenDiagonal) -> None:
    """The iterates of a splitting method are theta + M^-1 (b - A theta)."""
    A, b = example.parts
    M, theta = solver.splitting(A), np.zeros(len(b))
    try:
        reached = _from_zero(solver, example, 20)
    except (Breakdown, Refusal):
        return
    for k, new in enumerate(reached, start=1):
        theta = theta + np.linalg.solve(M, b - A @ theta)
        if not norm(new - theta) <= 1e-9 * (norm(theta) + norm(b)):
            raise PropertyFailed(f"iterate {k} is {norm(new - theta):.3g} away from that of the splitting")


def takes_one_step(solver: Any, example: Example) -> None:
    """A second-order method reaches the minimum of a quadratic in one step."""
    problem, reference = example.problem, example.reference()
    predicted = solver.rate(reference.spectrum) if reference.spectrum else None
    if predicted is None or predicted.order != 2:
        return
    first_gap = problem.value(example.start()) - reference.lower
    reached = iterates(solver, example, example.seed, 1)
    gap = min((problem.value(theta) - reference.lower for theta in reached), default=0.0)
    if not gap <= 1e-9 * first_gap + 4 * reference.width:
        raise PropertyFailed(f"after one step f - f* is {gap:.3g}; it was {first_gap:.3g} at the start")


def is_zero_where_the_penalty_is_large(solver: Any, example: Example) -> None:
    """If l1 exceeds every partial derivative of the loss at zero, all penalised coefficients are exactly zero."""
    reached = iterates(solver, example, example.seed, MANY)
    if reached and np.count_nonzero(example.problem.rows.split(reached[-1])[0]):
        raise PropertyFailed(
            f"after {len(reached)} iterations the coefficients are {reached[-1]}; they must be exactly zero"
        )


def samples_its_density(solver: Any, example: Gaussian) -> None:
    """The states of a sampler have the mean and the variance of exp(-f/temperature)."""
    means, variances = [], []
    for seed in range(40):
        states = np.array(list(islice(driving.iterates(solver, example, np.zeros(example.dim), seed), 1000, 4000)))
        means.append(states.mean())
        variances.append((states**2).mean())
    for what, seen, exact in (("mean", means, 0.0), ("variance", variances, example.variance * solver.temperature)):
        z = (np.mean(seen) - exact) / (np.std(seen) / math.sqrt(len(seen)) + 1e-300)
        if not abs(z) <= 5:
            raise PropertyFailed(
                f"the {what} of its states is {np.mean(seen):.4g} and not {exact:.4g}: {abs(z):.1f} standard errors off"
            )
