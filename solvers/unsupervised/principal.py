"""Methods for principal components: by a factorisation, by products with the rows, and row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg as sl
from numpy.linalg import norm

from problems.forms import PrincipalSubspace
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import positive
from solvers.base import Basis, Breakdown, Iterates, Rate, Solver, Trait
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.first_order.schedules import Kind, Schedule
from solvers.kernels.unsupervised import oja


@dataclass(frozen=True)
class PrincipalSVD(Solver[PrincipalSubspace]):
    """Principal components in closed form: the first k right singular vectors of X, whose columns are centred.

        svd          X = Q R,  R = U diag(s) V':  the first k columns of V
        covariance   X'X = V diag(s^2) V':        the last k eigenvectors

    method: default svd. covariance is faster if there are many rows, but it cannot distinguish directions whose
    singular values are below sqrt(eps) s_1, about 1e-8 of the largest.
    Cost: one iteration with 2 n d^2 operations for svd, n d^2 for covariance, and about 10 d^3 more.
    Memory: a copy of the rows for svd, d^2 numbers for covariance.
    Rate: exact after one iteration.
    Choose it for up to a few thousand columns; not for a few components of very many columns: use power-iteration.
    Source: Golub & Reinsch (1970), doi:10.1007/BF02163027; Golub & Van Loan, Matrix Computations (2013), section 8.6.
    """

    needs = (PrincipalSubspace,)
    method: Literal["svd", "covariance"] = "svd"

    def iterate(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator) -> Iterates:
        X, k = problem.X, problem.k
        if self.method == "svd":
            problem.ledger.passes += 2  # one copies the rows, one reads the copy
            R = sl.qr(X, mode="r", check_finite=False)[0][: X.shape[1]]
            V = sl.svd(R, full_matrices=False, check_finite=False)[2][:k].T
        else:
            problem.ledger.passes += 1
            d = X.shape[1]
            V = sl.eigh(X.T @ X, subset_by_index=(d - k, d - 1), check_finite=False)[1]
        yield V.flatten()
        return DIRECT

    def predicted(self, problem: PrincipalSubspace, spectrum: Spectrum | None) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class PowerIteration(Solver[PrincipalSubspace]):
    """Orthogonal iteration for the first k principal components of X, centred; with k = 1 the power method.

        Z = X'(X V)     V R = Z,     V orthonormal, R upper triangular

    Cost: two products with the rows, 4 n d k operations, and 2 d k^2 operations per iteration.
    Memory: three matrices of the shape of V and one of n x k.
    Rate: lambda_(k+1) / lambda_k, where lambda are the eigenvalues of X'X, for the angle to the best subspace; f - f*
    decreases as its square.
    Choose it for a few components of many columns if the eigenvalues k and k + 1 differ clearly; not if they are close,
    nor for few columns, where pca-svd is faster.
    Source: Bauer (1957), doi:10.1007/BF01600502; Golub & Van Loan, Matrix Computations (2013), section 8.2.4.
    """

    needs = (PrincipalSubspace,)

    def iterate(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator) -> Iterates:
        X = problem.X
        V, _ = orthonormal(theta0.reshape(-1, problem.k))
        while True:
            problem.ledger.products += 1
            problem.ledger.passes += 2
            V0, (V, r) = V, orthonormal(X.T @ (X @ V))
            yield V.flatten()
            if r.min() * norm(V - V0 @ (V0.T @ V)) <= 10 * X.shape[1] * EPS * r.max():
                return "its subspace changes by no more than rounding errors"

    def predicted(self, problem: PrincipalSubspace, spectrum: Spectrum | None) -> Rate:
        s = sl.svdvals(problem.X, check_finite=False)
        ratio = float((s[problem.k] / s[problem.k - 1]) ** 2) if s[problem.k - 1] else 0.0
        return Rate(ratio, basis=Basis.EIGENVALUES)


@dataclass(frozen=True)
class Oja(Solver[PrincipalSubspace]):
    """Oja's rule for the first k principal components: each row rotates V a little towards itself.

        V <- V + step_t (x - V s) s',     s = V'x

    It is a step of SGD on f if V is orthonormal, and V stays orthonormal up to terms of order step^2. At the end of an
    epoch, which is an iteration, V is made orthonormal again. Every epoch reads the rows in a random permutation.
    step: by default 1/max |x|^2.
    schedule: how step_t depends on e, the number of epochs so far; default inverse.
        constant   step                          reaches a noise floor
        inverse    step / (1 + e/horizon)        converges, as 1/e^2 or slower
        cosine     step (1 + cos(pi e/horizon)) / 2    and ends after `horizon` epochs
    horizon: default 1, in epochs.
    Cost: n rows per iteration, 6 d k operations per row.
    Memory: three matrices of the shape of V, and one number per row.
    Rate: f - f* decreases as 1/t after t rows if the steps are c/t with 2 c (lambda_k - lambda_(k+1)) > 1; slower with
    a smaller c.
    Choose it for rows that arrive in a stream, or for low accuracy with few passes; not for high accuracy: use
    power-iteration.
    Source: Oja (1982), doi:10.1007/BF00275687; for k components: Oja (1989), doi:10.1142/S0129065789000475; its rate:
    Balsubramani, Dasgupta & Freund (2013), arXiv:1501.03796.
    """

    needs = (PrincipalSubspace,)
    traits = frozenset({Trait.STOCHASTIC})
    step: float | None = None
    schedule: Kind = "inverse"
    horizon: float = 1.0

    def __post_init__(self) -> None:
        positive(step=self.step, horizon=self.horizon)

    def iterate(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator) -> Iterates:
        V, _ = orthonormal(theta0.reshape(-1, problem.k))
        step = self.step or self._default_step(problem)
        schedule = Schedule(step, self.schedule, self.horizon, problem.n)
        return (yield from schedule.limited(oja(problem, V, schedule, rng)))

    def _default_step(self, problem: PrincipalSubspace) -> float:
        """1/max |x|^2; it charges a pass. Raises Breakdown if all rows are equal."""
        problem.ledger.passes += 1
        largest = float(np.einsum("ij,ij->i", problem.X, problem.X).max())
        if not largest > 0:
            raise Breakdown("all rows are equal, so that no direction is better than another")
        return 1 / largest


def orthonormal(Z: Matrix) -> tuple[Matrix, Vector]:
    """An orthonormal basis of the span of the columns of Z, and how much each column adds to it.

    The basis is unique: it is the Q of Z = Q R with a positive diagonal of R, which is the second result.
    """
    Q, R = sl.qr(Z, mode="economic", check_finite=False)
    added: Vector = np.diag(R)
    return Q * np.where(added < 0, -1.0, 1.0), abs(added)
