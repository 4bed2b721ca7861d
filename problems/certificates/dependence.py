"""Which columns depend on each other up to rounding, in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import scipy.linalg as sl

from problems.foundation.arrays import EPS, Matrix, Vector

MOST_RELATIONS = 3  # that are written out
MOST_TERMS = 8  # of a relation that is written out
LARGEST_INTEGER = 20  # of a coefficient that is written as an integer
REMEDY = "drop one, add an l2 penalty, or take the minimum-norm answer"
REMEDY_OF_SEVERAL = f"of each {REMEDY}"


def dependence(X: Matrix, intercept: bool, names: Sequence[str], units: Sequence[float]) -> str:
    """A sentence that names the columns that others determine up to rounding; empty where there are none.

    X: shape (n, d). Each column is known to EPS of its length. units: what 1 of each column is in its own unit, in
    which the relation is written; empty where that is 1.
    """
    relations = []
    lengths = np.linalg.norm(X, axis=0)
    C = X - X.mean(0) if intercept else X
    independent: list[int] = []
    for j in range(X.shape[1]):
        A = C[:, independent]
        scales = np.linalg.norm(A, axis=0)
        factors = sl.lstsq(A / scales, C[:, j], check_finite=False)[0] / scales if independent else np.zeros(0)
        uncertain = lengths[j] + float(abs(factors) @ lengths[independent])
        if np.linalg.norm(C[:, j] - A @ factors) > max(X.shape) * EPS * uncertain:
            independent.append(j)
            continue
        unit = np.asarray(units) if len(units) else np.ones(X.shape[1])
        coefficients = np.zeros(X.shape[1])
        coefficients[independent] = -factors / unit[independent]
        coefficients[j] = 1 / unit[j]
        significant = abs(coefficients) * unit * lengths > math.sqrt(EPS) * lengths[j]
        relations.append(_relation(np.where(significant, coefficients, 0.0), j, names))
    if not relations:
        return ""
    value = "constant" if intercept else "0 in every row"
    shown = [f"{relation} is {value}" for relation in relations[:MOST_RELATIONS]]
    if len(relations) > MOST_RELATIONS:
        shown.append(f"there are {len(relations) - MOST_RELATIONS} more such relations")
    return f"{'; '.join(shown)}: {REMEDY if len(relations) == 1 else REMEDY_OF_SEVERAL}"


def _relation(coefficients: Vector, last: int, names: Sequence[str]) -> str:
    """The combination in words, with integers as factors where they fit; else the last column has the factor 1."""
    used = np.flatnonzero(coefficients).tolist()
    ratios = coefficients[used] / abs(coefficients[used]).min()
    integers = np.round(ratios)
    fits = abs(integers).max() <= LARGEST_INTEGER and np.allclose(ratios, integers, rtol=1e-6, atol=0)
    factors = integers if fits else coefficients[used] / coefficients[last]
    factors = factors * np.sign(factors[0])
    terms = [
        f"{'-' if factor < 0 else '+'} {_times(abs(factor))}{names[j]}" for j, factor in zip(used, factors, strict=True)
    ]
    text = " ".join(terms[:MOST_TERMS]).removeprefix("+ ")
    return text if len(used) <= MOST_TERMS else f"{text} and {len(used) - MOST_TERMS} more terms"


def _times(factor: float) -> str:
    return "" if factor == 1 else f"{factor:.5g} "
