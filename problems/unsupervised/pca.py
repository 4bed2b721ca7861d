"""Principal components: the k directions that keep most of what centred rows hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

import numpy as np
import scipy.linalg as sl
from numpy.typing import NDArray

from problems.data.real import only_synthetic
from problems.data.unlabelled import spectral, unlabelled
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
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least
from problems.foundation.native import address
from problems.kernels.signature import GRADIENT
from problems.kernels.unsupervised import subspace_gradient

quiet = np.errstate(over="ignore", invalid="ignore")  # far out f is inf, and whoever asked sees it


@dataclass
class Principal(PrincipalSubspace, TwiceSmooth, Certified):
    """f(V) = |X - X V V'|^2 / (2 n), X centred.

    With S = X'X/n, G = V'V and M = V'S V the gradient is -2 S V + S V G + V M. Where no singular value of V is above
    1, which is so at theta_0, no curvature is above four times the largest eigenvalue of S: the bound that steps go by.
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
        V = self._directions(theta)
        return self._lost(V, self.X @ V)

    @quiet
    def value_and_gradient(self, theta: Vector) -> tuple[float, Vector]:
        self.ledger.gradients += 1
        self.ledger.passes += 1
        V = self._directions(theta)
        Z = self.X @ V
        return self._lost(V, Z), _gradient(self.X, V, Z)

    @quiet
    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        self.ledger.gradients += 1
        self.ledger.passes += len(rows) / self.n
        V, X = self._directions(theta), self.X[rows]
        return _gradient(X, V, X @ V)

    def row_smoothness(self) -> float:
        """Where no singular value of V is above 1."""
        self.ledger.passes += 1
        return 4 * float(np.einsum("ij,ij->i", self.X, self.X).max())

    def native(self) -> NativeGradient:
        scratch = 2 * self.k * (self.k + 1)
        at = address(subspace_gradient, GRADIENT)
        return NativeGradient(at, self.X, np.zeros(self.n), np.array([self.k], np.int64), np.zeros(0), scratch)

    @quiet
    def hessian(self, theta: Vector) -> Matrix:
        """(a, i), (b, j): S_ab (G - 2)_ij + I_ab M_ij + (S V V' + V V'S)_ab I_ij + (S V)_aj V_bi + V_aj (S V)_bi."""
        self.ledger.hessians += 1
        self.ledger.passes += 1
        V, one, S = self._directions(theta), np.eye(self.k), self.X.T @ self.X / self.n
        SV = S @ V
        SVV, crossed = SV @ V.T, np.einsum("aj,bi->aibj", SV, V)
        H: Matrix = np.kron(S, V.T @ V - 2 * one) + np.kron(np.eye(len(V)), V.T @ SV) + np.kron(SVV + SVV.T, one)
        H += (crossed + crossed.transpose(2, 3, 0, 1)).reshape(H.shape)
        return H

    def hessian_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """U -> -2 S U + S U G + S V (U'V + V'U) + U M + V (U'S V + V'S U)."""
        self.ledger.passes += 1
        V = self._directions(theta)
        Z = self.X @ V
        SV, G, M = self.X.T @ Z / self.n, V.T @ V, Z.T @ Z / self.n

        @quiet
        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            U = self._directions(v)
            SU, turned = self.X.T @ (self.X @ U) / self.n, SV.T @ U
            VU = V.T @ U
            HU: Matrix = SU @ G - 2 * SU + SV @ (VU + VU.T) + U @ M + V @ (turned + turned.T)
            return HU.ravel()

        return product

    def majorant_product(self, theta: Vector) -> Callable[[Vector], Vector]:
        """U -> 4 S U, whose largest eigenvalue no curvature is above where no singular value of V is above 1."""

        def product(v: Vector) -> Vector:
            self.ledger.products += 1
            self.ledger.passes += 2
            SU: Matrix = self.X.T @ (self.X @ self._directions(v)) * (4 / self.n)
            return SU.ravel()

        return product

    def gap(self, theta: Vector) -> float:
        """f itself, less half the sum of the d - k smallest eigenvalues of S."""
        left = sl.svdvals(self.X, check_finite=False)[self.k :]
        return self.value(theta) - float(left @ left) / (2 * self.n)

    def measures(self, theta: Vector) -> dict[str, float]:
        """The share of the variance that the subspace of V keeps, and its largest angle to the best one, in degrees."""
        Q = np.linalg.qr(self._directions(theta))[0]
        _, s, Vt = np.linalg.svd(self.X, full_matrices=False)
        Z = self.X @ Q
        cosine = np.linalg.svd(Vt[: self.k] @ Q, compute_uv=False).min()
        return {"explained": float((Z * Z).sum() / (s @ s)), "angle": float(np.degrees(np.arccos(min(cosine, 1.0))))}

    def sibling(self) -> Self:
        few = self.X[: max(self.k + 1, 8)]
        return type(self)(few - few.mean(0), self.k)

    def lacks(self, form: type[Form]) -> str | None:
        if issubclass(form, LinearModel | LayeredModel):
            return "its rows have no target"
        if issubclass(form, LinearSystem | LeastSquares):
            return "f is of degree four in V: a system has one solution, V as many as there are rotations"
        if issubclass(form, Composite | Saddle):
            return "f is one polynomial, not a sum of a smooth part and a rest"
        return None

    def _directions(self, theta: Vector) -> Matrix:
        return theta.reshape(-1, self.k)

    def _lost(self, V: Matrix, Z: Matrix) -> float:
        R = self.X - Z @ V.T  # and not tr S - 2 tr M + tr MG, which has no digits left where little is lost
        return float(np.vdot(R, R)) / (2 * self.n)


def _gradient(X: Matrix, V: Matrix, Z: Matrix) -> Vector:
    g: Matrix = (X.T @ (Z @ (V.T @ V - 2 * np.eye(V.shape[1]))) + V @ (Z.T @ Z)) / len(X)
    return g.ravel()


def pca(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    k: int = 3,
    spectrum: Literal["decay", "step"] = "decay",
    ratio: float = 0.7,
    standardize: bool = True,
    seed: int = 0,
) -> Principal:
    """Principal component analysis: the k directions of centred rows that lose least.

        f(theta) = (1/2n) |X - X V V'|^2,     theta = V, shape (d, k), row by row

    V need not be orthonormal: every minimiser is, and spans the k largest eigenvectors of S = X'X/n. Of degree four and
    not convex: every other point without a slope is a saddle, from 0 to a wrong choice of eigenvectors, so that going
    downhill is enough. The same question therefore has a closed answer (an SVD), a classical one (power iteration,
    which goes by the ratio of the eigenvalues k + 1 and k) and gradient ones. V turned by a rotation of the k is as
    good.

    theta_0 is an orthonormal basis of a random subspace, drawn from the cell's seed.
    Certified: f* is half the sum of the d - k smallest eigenvalues of S, found by the referee off the clock, so that
    the gap is exact but for rounding. Measured too: the share of the variance that V keeps, and the angle between its
    subspace and the best.

    data         synthetic, iris, wine, digits, breast_cancer, diabetes, or a file's path: CSV, Parquet, LIBSVM, NPZ
    target       a column of the file to leave out; where none is named every column is a feature (y of NPZ and the
                 labels of LIBSVM are not)
    n, d         synthetic rows and columns
    k            directions, fewer than rows and columns
    spectrum     synthetic: decay, eigenvalues 1, ratio, ratio^2, ...; step, k of them 1 and the others ratio
    ratio        synthetic: eigenvalue k + 1 over eigenvalue k; 1 leaves nothing to choose
    standardize  bundled sets and files: columns scaled to variance 1; centred they are in any case
    seed         of the synthetic rows

    Source: Pearson (1901), doi:10.1080/14786440109462720; f and its saddles: Baldi & Hornik (1989),
    doi:10.1016/0893-6080(89)90014-2.
    """
    at_least(1, k=k)
    about = NOTHING
    if data == "synthetic":
        at_least(2, n=n, d=d)
        if not 0 < ratio <= 1:
            raise ValueError(f"ratio is {ratio}; it must be above 0 and at most 1")
        j = np.arange(d)
        eigenvalues: Vector = np.power(ratio, j if spectrum == "decay" else j >= k)
        X = spectral(n, eigenvalues, np.random.default_rng(seed))
    else:
        only_synthetic(pca, data, n=n, d=d, spectrum=spectrum, ratio=ratio, seed=seed)
        X, about = unlabelled(data, target, standardize)
    if k >= min(X.shape):
        raise ValueError(f"k is {k}; of {len(X)} rows with {X.shape[1]} columns it must be less than {min(X.shape)}")
    return Principal(np.ascontiguousarray(X - X.mean(0)), k, about)
