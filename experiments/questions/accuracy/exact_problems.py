"""Problems whose answers are known exactly: Wampler's polynomials, Hilbert's systems, NIST's certified files.

Source: Wampler (1970), Journal of the American Statistical Association 65, 549-565; NIST's Statistical Reference
Datasets (1999), doi:10.18434/T43G6C, which contain the same five sets; Hilbert (1894), doi:10.1007/BF02418278.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from experiments.lab.spec.grammar import Spec
from experiments.questions.accuracy.curves import CURVE
from problems.curves.problem import curve
from problems.data.files import Nist
from problems.data.readers.nist import read_nist, split_decimals
from problems.data.readers.nist_design import design
from problems.data.synthetic.matrices import HilbertMatrix
from problems.forms import About
from problems.foundation.arrays import EPS, Matrix
from problems.foundation.checks import DataError
from problems.linear.model_chain import linear_model
from problems.linear.regression import linear_regression
from problems.parts.losses import squared
from problems.parts.rows import Rows
from problems.systems.linear_system import linear_system

FractionMatrix = Sequence[Sequence[Fraction]]

POINTS = range(21)  # x = 0, 1, ..., 20
DEGREE = 5
FIRST_HALF = (759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048)
RESIDUAL = (*FIRST_HALF, *FIRST_HALF[-2::-1])  # what Wampler adds to y; symmetric about x = 10
RESIDUAL_FACTORS = {3: 1, 4: 100, 5: 10_000}  # by set; the first two have no residual


@dataclass(frozen=True)
class ExactProblem:
    """A problem for solvers, its exact answer rounded once to float64, and the condition number of its matrix."""

    problem: Any
    answer: tuple[float, ...]
    condition: float
    errors: tuple[float, ...] = ()  # certified standard errors, in the order of the answer


@lru_cache(maxsize=32)
def exact_problem(name: Spec) -> ExactProblem:
    """`wampler(set=1)` to `wampler(set=5)`, `hilbert(n=...)`, `nist(file=...)` or `nist-curve(file=..., start=...)`.

    Raises DataError.
    """
    if name.name == "wampler":
        return wampler(name.get("set"))
    if name.name == CURVE:
        return nist_curve(name.get("file"), name.get("start"))
    return hilbert(name.get("n")) if name.name == "hilbert" else nist(name.get("file"))


def wampler(number: int) -> ExactProblem:
    """One of Wampler's five sets: a polynomial of degree 5 at x = 0, 1, ..., 20.

    Its coefficients are 1; those of the second set are 0.1^j. The residual of sets 3 to 5 is orthogonal to every
    polynomial of that degree, so it does not change the answer.
    """
    coefficients, y = wampler_coefficients(number), wampler_responses(number)
    X, X_low = split_decimals([[Fraction(x) ** j for j in range(1, DEGREE + 1)] for x in POINTS])
    targets, targets_low = split_decimals([[value] for value in y])
    answer = tuple(float(c) for c in (*coefficients[1:], coefficients[0]))  # theta = (w, b)
    model: Any = linear_model(
        Rows(X), targets.ravel(), squared, about=About(certified=answer), low=(X_low, targets_low.ravel())
    )
    return ExactProblem(model, answer, _condition_number(model.least_squares()[0]))


def wampler_coefficients(number: int) -> list[Fraction]:
    """The coefficients of the polynomial, that of x^0 first."""
    return [Fraction(1, 10**j if number == 2 else 1) for j in range(DEGREE + 1)]


def wampler_responses(number: int) -> list[Fraction]:
    """The 21 values y, exactly."""
    coefficients, factor = wampler_coefficients(number), RESIDUAL_FACTORS.get(number, 0)
    return [
        sum((c * x**j for j, c in enumerate(coefficients)), Fraction(factor * residual))
        for x, residual in zip(POINTS, RESIDUAL, strict=True)
    ]


def hilbert(n: int) -> ExactProblem:
    """Hilbert's system of n unknowns, with its entries as float64 rounds them, solved and inverted in fractions."""
    problem = linear_system(HilbertMatrix(n=n))
    A, b = problem.system()
    unit_matrix = [[Fraction(int(i == j)) for j in range(n)] for i in range(n)]
    right_sides = [[Fraction(target), *row] for target, row in zip(b.tolist(), unit_matrix, strict=True)]
    solution = exact_solution([[Fraction(entry) for entry in row] for row in A.tolist()], right_sides)
    inverse = np.array([[float(entry) for entry in row[1:]] for row in solution])
    condition = float(np.linalg.norm(A, 2) * np.linalg.norm(inverse, 2))
    return ExactProblem(problem, tuple(float(row[0]) for row in solution), condition)


def nist(file: str) -> ExactProblem:
    """The linear model in a file of NIST's StRD. Raises DataError."""
    model: Any = linear_regression(Nist(file))
    contents = read_nist(file)
    deviations = dict(zip(contents.parameters, contents.deviations.tolist(), strict=True))
    columns = design(contents).columns
    constant = [name for name in contents.parameters if name not in columns][: model.dim - len(columns)]
    errors = tuple(deviations[name] for name in (*columns, *constant))
    return ExactProblem(model, model.about.certified, _condition_number(model.least_squares()[0]), errors)


def nist_curve(file: str, start: int) -> ExactProblem:
    """The nonlinear model in a file of NIST's StRD; the condition number is that of the Jacobian at the answer."""
    problem = curve(Nist(file), start=start)
    J = problem.residual_and_jacobian(np.array(problem.about.certified))[1]
    errors = tuple(read_nist(file).deviations.tolist())
    return ExactProblem(problem, problem.about.certified, _condition_number(J), errors)


def nist_files(folder: str) -> tuple[list[Path], list[Path]]:
    """The linear and the nonlinear files of NIST's StRD in a folder and its subfolders. DataError if there is none."""
    if not Path(folder).is_dir():
        raise DataError(f"{folder} is no folder; give the one that holds NIST's .dat files")
    files = [read_nist(file) for file in sorted(Path(folder).rglob("*")) if file.suffix.lower() == ".dat"]
    if not files:
        raise DataError(f"{folder} holds no .dat file of NIST's StRD")
    linear = [file for file in files if file.kind == "linear"]
    for file in linear:
        design(file)  # a file that cannot be used is refused before anything runs
    return [file.path for file in linear], [file.path for file in files if file.kind == "nonlinear"]


def _condition_number(B: Matrix) -> float:
    """The condition number of a matrix, as far as float64 can compute it."""
    values = np.linalg.svd(B, compute_uv=False)
    return float(values[0] / max(values[-1], EPS**2 * values[0]))


def exact_solution(A: FractionMatrix, B: FractionMatrix) -> list[list[Fraction]]:
    """X of A X = B for a square invertible A, exactly, by Gauss-Jordan elimination.

    >>> exact_solution([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]], [[Fraction(3)], [Fraction(2)]])
    [[Fraction(1, 1)], [Fraction(1, 1)]]
    """
    n = len(A)
    M = [[*row, *right_side] for row, right_side in zip(A, B, strict=True)]
    for i in range(n):
        pivot = next(k for k in range(i, n) if M[k][i])
        M[i], M[pivot] = M[pivot], M[i]
        M[i] = [entry / M[i][i] for entry in M[i]]
        for k in range(n):
            if k != i and M[k][i]:
                M[k] = [a - M[k][i] * b for a, b in zip(M[k], M[i], strict=True)]
    return [row[n:] for row in M]
