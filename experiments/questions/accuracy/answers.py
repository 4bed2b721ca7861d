"""Problems whose answers are known exactly: Wampler's polynomials, Hilbert's systems, NIST's certified files.

Source: Wampler (1970), Journal of the American Statistical Association 65, 549-565; NIST's Statistical Reference
Datasets (1999), doi:10.18434/T43G6C, where the same five sets are; Hilbert (1894), doi:10.1007/BF02418278.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from problems.data.readers.nist import read_nist, split
from problems.data.readers.nist_design import design
from problems.forms import About
from problems.foundation.arrays import EPS, Vector
from problems.foundation.checks import DataError
from problems.linear.model_chain import linear_model
from problems.linear.regression import linear_regression
from problems.parts.losses import squared
from problems.parts.rows import Rows
from problems.systems.linear_system import linear_system
from solvers.base import BlackBox, Refusal, Solver

Exactly = Sequence[Sequence[Fraction]]

X = range(21)
DEGREE = 5
# what Wampler adds to the third polynomial, 100 times to the fourth, 10,000 times to the fifth; from x = 11 backwards
HALF = (759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048)
PERTURBED = (*HALF, *HALF[-2::-1])
TIMES = {3: 1, 4: 100, 5: 10_000}


@dataclass(frozen=True)
class Exact:
    """A problem as solvers take it, its exact answer rounded once, and the condition number of its matrix."""

    problem: Any
    answer: tuple[float, ...]
    condition: float


@lru_cache(maxsize=32)
def exact(data: str) -> Exact:
    """The problem of that name: wampler-1 to wampler-5, hilbert-n, or the path of a linear file of NIST's StRD."""
    name, _, number = data.rpartition("-")
    if name == "wampler" and number in ("1", "2", "3", "4", "5"):
        return wampler(int(number))
    if name == "hilbert" and number.isdigit() and int(number) > 0:
        return hilbert(int(number))
    return certified(data)


def wampler(k: int) -> Exact:
    """Wampler's k-th set: a polynomial of degree 5 at x = 0, 1, ..., 20, its coefficients 1, or 0.1^j of the second.

    What is added to the others is at right angles to every polynomial of that degree, so that the answer stays.
    """
    theta, y = coefficients(k), responses(k)
    powers, low = split([[Fraction(x) ** j for j in range(1, DEGREE + 1)] for x in X])
    targets, lost = split([[value] for value in y])
    in_order = tuple(float(each) for each in (*theta[1:], theta[0]))  # theta = (w, b)
    model = linear_model(
        Rows(powers),
        targets.ravel(),
        squared,
        about=About(certified=in_order),
        low=(low, lost.ravel()),
    )
    return Exact(model, in_order, _condition(model))


def coefficients(k: int) -> list[Fraction]:
    """Of the k-th polynomial, that of x^0 first."""
    return [Fraction(1, 10**j if k == 2 else 1) for j in range(DEGREE + 1)]


def responses(k: int) -> list[Fraction]:
    """The k-th y."""
    theta, times = coefficients(k), TIMES.get(k, 0)
    return [
        sum((c * x**j for j, c in enumerate(theta)), Fraction(times * added))
        for x, added in zip(X, PERTURBED, strict=True)
    ]


def hilbert(n: int) -> Exact:
    """Hilbert's system of n unknowns as float64 holds it, rounded entries and all: solved and inverted in fractions."""
    on = linear_system(matrix="hilbert", n=n)
    A, b = on.system()
    sides = [[Fraction(target), *(Fraction(int(i == j)) for j in range(n))] for i, target in enumerate(b.tolist())]
    found = solved([[Fraction(entry) for entry in row] for row in A.tolist()], sides)
    inverse = np.array([[float(entry) for entry in row[1:]] for row in found])
    condition = float(np.linalg.norm(A, 2) * np.linalg.norm(inverse, 2))
    return Exact(on, tuple(float(row[0]) for row in found), condition)


def certified(path: str) -> Exact:
    """The linear model in a file of NIST's StRD. Raises DataError."""
    on: Any = linear_regression(path)
    if not on.about.certified:
        raise DataError(f"{path} certifies no coefficients; a linear file of NIST's StRD (.dat) does")
    return Exact(on, on.about.certified, _condition(on))


def linear_files(folder: str) -> list[str]:
    """The linear files of NIST's StRD in a folder, by name; DataError where there are none."""
    if not Path(folder).is_dir():
        raise DataError(f"{folder} is no folder; give the one that holds NIST's .dat files")
    files = [str(file) for file in sorted(Path(folder).iterdir()) if file.suffix.lower() == ".dat"]
    found = [file for file in files if read_nist(file).kind == "linear"]
    if not found:
        raise DataError(f"{folder} holds no linear file of NIST's StRD, and {len(files)} others that end in .dat")
    for file in found:
        design(read_nist(file))
    return found


def final(solver: Solver[Any], on: Any, most: int) -> Vector:
    """The last iterate from zero, of at most so many. Raises Breakdown and Refusal."""
    if refused := solver.objection(on):
        raise Refusal(refused)
    theta, rng, made = np.zeros(on.dim), np.random.default_rng(0), 0
    if isinstance(solver, BlackBox):
        return solver.run(on, theta, rng, most, lambda theta: None).theta
    for new in solver.iterate(on, theta, rng):
        rows = np.atleast_2d(new)
        theta, made = rows[-1], made + len(rows)
        if made >= most:
            break
    return theta


def _condition(on: Any) -> float:
    """That of the matrix [X 1]; as much as float64 can tell."""
    values = np.linalg.svd(on.least_squares()[0], compute_uv=False)
    return float(values[0] / max(values[-1], EPS**2 * values[0]))


def solved(A: Exactly, B: Exactly) -> list[list[Fraction]]:
    """X of A X = B, A square with an inverse, by elimination; exactly.

    >>> solved([[Fraction(2), Fraction(1)], [Fraction(1), Fraction(1)]], [[Fraction(3)], [Fraction(2)]])
    [[Fraction(1, 1)], [Fraction(1, 1)]]
    """
    n = len(A)
    M = [[*row, *sides] for row, sides in zip(A, B, strict=True)]
    for i in range(n):
        pivot = next(k for k in range(i, n) if M[k][i])
        M[i], M[pivot] = M[pivot], M[i]
        M[i] = [entry / M[i][i] for entry in M[i]]
        for k in range(n):
            if k != i and M[k][i]:
                M[k] = [a - M[k][i] * b for a, b in zip(M[k], M[i], strict=True)]
    return [row[n:] for row in M]
