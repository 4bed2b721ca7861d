"""The Lanczos iteration: extreme eigenvalues of a symmetric matrix that is known by its products with vectors."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.linalg import norm
from scipy.linalg import eigh_tridiagonal

from problems.foundation.arrays import EPS, Vector

Product = Callable[[Vector], Vector]
FEWEST_PRODUCTS, MOST_PRODUCTS = 8, 50  # for the largest eigenvalue
MOST_PRODUCTS_FOR_BOTH = 512  # for the smallest and the largest eigenvalue
SMALL_RESIDUAL = 0.01  # relative to the largest eigenvalue
RESIDUAL_OF_SMALLEST = 0.1  # relative to the smallest eigenvalue


class Step(NamedTuple):
    """The tridiagonal matrix after k products: its diagonal, and the entries next to it."""

    alphas: list[float]
    betas: list[float]  # k of them; the last is the norm of the next direction before it is normalised

    @property
    def exhausted(self) -> bool:
        """Whether the directions span an invariant subspace, so that further products add no information."""
        return self.betas[-1] <= EPS * max(map(abs, self.alphas))

    def eigenvalue(self, index: int) -> tuple[float, float]:
        """An eigenvalue of the tridiagonal matrix, by its index in ascending order, and its residual as one of H."""
        values, vectors = eigh_tridiagonal(self.alphas, self.betas[:-1], select="i", select_range=(index, index))
        return float(values[0]), self.betas[-1] * abs(float(vectors[-1, 0]))


def lanczos(product: Product, v: Vector) -> Iterator[Step]:
    """The Lanczos iteration for a symmetric matrix H from the vector v: one product per step, without end.

        w = H v_k - beta_(k-1) v_(k-1)    alpha_k = w.v_k    beta_k v_(k+1) = w - alpha_k v_k

    The eigenvalues of the tridiagonal matrix (alpha, beta) lie between the smallest and the largest eigenvalue of H.
    Memory: three vectors.
    Source: Golub & Van Loan, Matrix Computations (2013), section 10.1.
    """
    v, v0 = v / norm(v), np.zeros(v.size)
    alphas: list[float] = []
    betas: list[float] = []
    while True:
        w = product(v) - (betas[-1] * v0 if betas else 0.0)
        alphas.append(float(w @ v))
        w = w - alphas[-1] * v
        betas.append(float(norm(w)))
        yield Step(alphas, betas)
        v0, v = v, w / betas[-1]


def largest_eigenvalue(product: Product, v: Vector) -> float:
    """The estimate of the largest eigenvalue of H plus its residual; inf if a product is not finite.

    product: v -> H v. v: the start vector. It takes at least 8 products, and stops when the residual is below a
    hundredth of the eigenvalue, or after 50 products.
    """
    value = residual = math.inf
    for k, step in enumerate(lanczos(product, v), start=1):
        if not math.isfinite(step.betas[-1]):
            return math.inf
        value, residual = step.eigenvalue(k - 1)
        small = k >= FEWEST_PRODUCTS and residual <= SMALL_RESIDUAL * value
        if step.exhausted or k >= min(MOST_PRODUCTS, v.size) or small:
            break
    return value + residual


def extreme_eigenvalues(product: Product, v: Vector) -> tuple[float, float, float]:
    """Estimates of the smallest and the largest eigenvalue of H, and the residual of the largest.

    The estimates lie between the two eigenvalues. It stops when both residuals are below a tenth of the smallest
    eigenvalue, or after 512 products. All three numbers are inf if a product is not finite.
    """
    smallest = largest = residual = math.inf
    for k, step in enumerate(lanczos(product, v), start=1):
        if not math.isfinite(step.betas[-1]):
            return math.inf, math.inf, math.inf
        last = step.exhausted or k >= min(MOST_PRODUCTS_FOR_BOTH, v.size)
        if last or (k >= FEWEST_PRODUCTS and k & (k - 1) == 0):  # only at powers of two, because eigenvalues cost time
            smallest, other = step.eigenvalue(0)
            largest, residual = step.eigenvalue(k - 1)
            if last or max(other, residual) <= RESIDUAL_OF_SMALLEST * smallest:
                break
    return smallest, largest, residual
