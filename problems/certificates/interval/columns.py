"""The columns in which the search for good points computes: centred, scaled again, and with an orthonormal basis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.certificates.interval.scaled_model import ScaledModel
from problems.foundation.arrays import EPS, Matrix, Vector, dense
from problems.foundation.double_double import DoubleDouble, concatenated, exact, two_product


@dataclass(frozen=True)
class Basis:
    """P with [C; R] P orthonormal over the directions that rounding does not hide; R'R is the l2 penalty times n."""

    P: Matrix  # shape (columns, rank)
    rows: Matrix  # C P, shape (n, rank)
    ridge: Matrix  # R P, shape (penalised columns, rank)

    @property
    def rank(self) -> int:
        return int(self.P.shape[1])

    def hessian(self, h: Vector) -> Matrix:
        """P'(C' diag(h) C + R'R) P."""
        H: Matrix = (self.rows.T * h) @ self.rows + self.ridge.T @ self.ridge
        return H


class Columns:
    """C = (A - 1 mean') diag(stretch): the scaled model's columns, less their means where there is an intercept.

    Coefficients c of C are theta_j = stretch_j c_j of the scaled columns, with the means moved to the intercept. Points
    and gradients are converted in double-double, because that subtraction loses digits where offsets are large.
    """

    def __init__(self, model: ScaledModel) -> None:
        self.model = model
        A = dense(model.rows.design_matrix())
        self.mean = np.where(model.penalised, A.mean(0), 0.0) if model.intercept else np.zeros(model.dim)
        self.raw = np.linalg.norm(A, axis=0)
        C = A - self.mean
        C[:, (abs(C).max(0, initial=0.0) <= 8 * EPS * abs(self.mean)) & model.penalised] = 0.0  # constant columns
        root = np.sqrt(model.l2.hi)
        largest = np.maximum(np.maximum(abs(C).max(0, initial=0.0), EPS * self.raw), root)
        _, exponents = np.frexp(np.where((self.raw > 0) & C.any(0), largest, 1.0))
        self.stretch = np.ldexp(1.0, np.where(model.penalised, -exponents, 0))
        self.C: Matrix = C * self.stretch
        self.root = root * self.stretch

    def theta(self, c: Vector) -> DoubleDouble:
        """Coefficients of the scaled columns, of those of C."""
        w = c * self.stretch
        if not self.model.intercept:
            return exact(w)
        moved = DoubleDouble(*two_product(-self.mean[:-1], w[:-1]))
        intercept = exact(w[-1:])
        for j in np.flatnonzero(moved.hi):
            intercept = intercept + moved[j : j + 1]
        return concatenated(exact(w[:-1]), intercept)

    def gradient(self, g: DoubleDouble) -> Vector:
        """The gradient by the coefficients of C, of that by the coefficients of the scaled columns."""
        if self.model.intercept:
            g = g - g[-1:] * self.mean
        return g.value * self.stretch

    def basis(self, columns: NDArray[np.int64] | None = None) -> Basis:
        """The basis of some columns, or of all.

        Column j is known to EPS times its length before centring. A direction is hidden if what that makes of it is as
        long as itself.
        """
        chosen = np.arange(self.model.dim) if columns is None else columns
        R = np.diag(self.root)[self.root > 0][:, chosen]
        B = np.vstack([self.C[:, chosen], R])
        if not chosen.size:
            return Basis(np.zeros((0, 0)), np.zeros((self.model.n, 0)), np.zeros((len(R), 0)))
        U, singular, V = sl.svd(B, full_matrices=False, check_finite=False)
        uncertain = np.linalg.norm(V * (self.raw * self.stretch + self.root)[chosen], axis=1) * max(B.shape) * EPS
        visible = singular > uncertain
        W = U[:, visible]
        return Basis(V[visible].T / singular[visible], W[: self.model.n], W[self.model.n :])
