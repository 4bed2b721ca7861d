"""The problem `pca`: the k directions that keep most of the variance of centred rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.data.source import RowSource, Task
from problems.data.synthetic.signals import SpectralRows
from problems.forms import (
    NOTHING,
    About,
    Certified,
    Composite,
    Form,
    LayeredModel,
    LeastSquares,
    Ledger,
    LinearModel,
    LinearSystem,
    NativeGradient,
    PrincipalSubspace,
    Saddle,
    TwiceSmooth,
)
from problems.foundation.arrays import Matrix, Vector, dense
from problems.foundation.checks import at_least
from problems.foundation.native import address
from problems.kernels.signature import GRADIENT
from problems.kernels.unsupervised import subspace_gradient

quiet = np.errstate(over="ignore", invalid="ignore")  # overflow gives inf; the caller sees it in the result


@dataclass
class Principal(PrincipalSubspace, TwiceSmooth, Certified):
    """f(V) = |X - X V V'|^2 / (2 n), X centred.

    With S = X'X/n, G = V'V and M = V'S V the gradient is -2 S V + S V G + V M. Where no singular value of V is larger
    than 1, as at theta_0, no curvature is larger than four times the largest eigenvalue of S. Default step sizes use
    this bound.
    """

    X: Matrix
    k: int
    about: About = NOTHING
    ledger: Ledger = field(default_factory=Ledger)
    convex = False

    @property
    def n(self) -> int:
        return len(self.X)

    @property
    def dim(self) -> int:
        return int(self.X.shape[1]) * self.k

    def start(self, rng: np.random.Generator) -> Vector:
        """An orthonormal basis of a random subspace."""
        Q, R = np.linalg.qr(rng.standard_normal((self.X.shape[1], self.k)))
        theta: Vector = (Q * np.sign(np.diag(R))).ravel()
        return theta

    @quiet
    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        self.ledger.passes += 1
        V = self._matrix(theta)
        return self._error(V, self.X @ V)

    @quiet
    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        V = self._matrix(theta)
        Z = self.X @ V
        return self._error(V, Z), _gradient(self.X, V, Z)

    @quiet
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        V, X = self._matrix(theta), self.X[rows]
        return _gradient(X, V, X @ V)

    def row_smoothness(self) -> float:
        """The largest Lipschitz constant where no singular value of V is larger than 1."""
        self.ledger.passes += 1
        return 4 * float(np.einsum("ij,ij->i", self.X, self.X).max())

    def native(self) -> NativeGradient:
        scratch = 2 * self.k * (self.k + 1)
        at = address(subspace_gradient, GRADIENT)
        return NativeGradient(at, self.X, np.zeros(self.n), np.array([self.k], np.int64), np.zeros(0), scratch)

    @quiet
    def hessian(self, theta: Vector) -> Matrix:
        """(a, i), (b, j): S_ab (G - 2I)_ij + I_ab M_ij + (S V V' + V V'S)_ab I_ij + (S V)_aj V_bi + V_aj (S V)_bi."""
        self.ledger.hessians += 1
        self.ledger.passes += 1
        V, identity, S = self._matrix(theta), np.eye(self.k), self.X.T @ self.X / self.n
        SV = S @ V
        SVV, crossed = SV @ V.T, np.einsum("aj,bi->aibj", SV, V)
        H: Matrix = (
            np.kron(S, V.T @ V - 2 * identity) + np.kron(np.eye(len(V)), V.T @ SV) + np.kron(SVV + SVV.T, identity)
        )
        H += (crossed + crossed.transpose(2, 3, 0, 1)).reshape(H.shape)
        return H

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """U -> -2 S U + S U G + S V (U'V + V'U) + U M + V (U'S V + V'S U)."""
        self.ledger.passes += 1
        V = self._matrix(theta)
        Z = self.X @ V
        SV, G, M = self.X.T @ Z / self.n, V.T @ V, Z.T @ Z / self.n

        @quiet
        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            U = self._matrix(v)
            SU = self.X.T @ (self.X @ U) / self.n
            VU, VSU = V.T @ U, SV.T @ U
            HU: Matrix = SU @ G - 2 * SU + SV @ (VU + VU.T) + U @ M + V @ (VSU + VSU.T)
            return HU.ravel()

        return product

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """U -> 4 S U. Its largest eigenvalue bounds the curvature where no singular value of V is larger than 1."""

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            SU: Matrix = self.X.T @ (self.X @ self._matrix(v)) * (4 / self.n)
            return SU.ravel()

        return product

    def gap(self, theta: Vector) -> float:
        """f - f*, with f* half the sum of the d - k smallest eigenvalues of S."""
        smallest = sl.svdvals(self.X, check_finite=False)[self.k :]
        return self.value(theta) - float(smallest @ smallest) / (2 * self.n)

    def measures(self, theta: Vector) -> dict[str, float]:
        """The share of the variance that V explains, and its subspace's largest angle to the best one, in degrees."""
        Q = np.linalg.qr(self._matrix(theta))[0]
        _, s, Vt = np.linalg.svd(self.X, full_matrices=False)
        Z = self.X @ Q
        cosine = np.linalg.svd(Vt[: self.k] @ Q, compute_uv=False).min()
        return {"explained": float((Z * Z).sum() / (s @ s)), "angle": float(np.degrees(np.arccos(min(cosine, 1.0))))}

    def sibling(self) -> Self:
        rows = self.X[: max(self.k + 1, 8)]
        return type(self)(rows - rows.mean(0), self.k)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LayeredModel):
            return "its rows have no target"
        if issubclass(form, LinearSystem | LeastSquares):
            return "f is a polynomial of degree four in V, not a quadratic"
        if issubclass(form, Composite | Saddle):
            return "f is one polynomial, not the sum of a smooth part and a part with a prox"
        return None

    def _matrix(self, theta: Vector) -> Matrix:
        """V, shape (d, k), a view of theta."""
        return theta.reshape(-1, self.k)

    def _error(self, V: Matrix, Z: Matrix) -> float:
        """f, with Z = X V."""
        R = self.X - Z @ V.T  # tr S - 2 tr M + tr MG would have no correct digits where f is small
        return float(np.vdot(R, R)) / (2 * self.n)


def _gradient(X: Matrix, V: Matrix, Z: Matrix) -> Vector:
    """The gradient of f over the rows X, with Z = X V; shape (d k,)."""
    g: Matrix = (X.T @ (Z @ (V.T @ V - 2 * np.eye(V.shape[1]))) + V @ (Z.T @ Z)) / len(X)
    return g.ravel()


def pca(data: RowSource = SpectralRows(), k: int = 3) -> Principal:
    """Principal component analysis: the k directions that keep most of the variance of centred rows.

        f(theta) = (1/2n) |X - X V V'|^2,     theta = V, shape (d, k), row by row

    V need not be orthonormal, but every minimiser is, and it spans the k leading eigenvectors of S = X'X/n. f is a
    polynomial of degree four and not convex. Every other stationary point is a saddle point: 0, and every other choice
    of eigenvectors. So descent is enough, and three kinds of method apply: a closed form (an SVD), power iteration,
    whose rate is the ratio of the eigenvalues k + 1 and k, and gradient methods. A rotation of V within its subspace
    does not change f.

    theta_0 is an orthonormal basis of a random subspace, sampled from the cell's seed.
    Certified: f* is half the sum of the d - k smallest eigenvalues of S, computed outside the timed run. The gap is
    exact except for rounding. Measures: the share of the variance that V explains, and the angle between its subspace
    and the best one.

    data  rows; their columns are always centred
    k     number of directions, smaller than the numbers of rows and of columns

    Source: Pearson (1901), doi:10.1080/14786440109462720; f and its saddles: Baldi & Hornik (1989),
    doi:10.1016/0893-6080(89)90014-2.
    """
    at_least(1, k=k)
    rows = data.rows(Task.FEATURES)
    X = dense(rows.X)
    if k >= min(X.shape):
        raise ValueError(f"k is {k}; with {len(X)} rows and {X.shape[1]} columns it must be less than {min(X.shape)}")
    return Principal(np.ascontiguousarray(X - X.mean(0)), k, rows.about)
