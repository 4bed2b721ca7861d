"""The best subspace of centred rows: by a factorisation, by products, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg as sl
from numpy.linalg import norm
from numpy.typing import NDArray

from problems.forms import PrincipalSubspace
from problems.foundation.arrays import EPS, Matrix, Vector
from problems.foundation.checks import positive
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.spectrum import Spectrum
from solvers.kernels.unsupervised import oja


@dataclass(frozen=True)
class PrincipalSVD(Solver[PrincipalSubspace]):
    """Principal directions in closed form: the k first right singular vectors of X, centred.

        svd          X = Q R,  R = U diag(s) V':  the first k columns of V
        covariance   X'X = V diag(s^2) V':        the last k eigenvectors

    method: svd; or covariance, which is faster where rows are many, and cannot tell directions whose singular values
    are below sqrt(eps) s_1, about 1e-8 of the largest.
    Cost: one iterate: 2 n d^2 operations for svd, n d^2 for covariance, and about 10 d^3 more. Memory: the rows once
    more for svd, d^2 numbers for covariance.
    Rate: at once.
    Choose it for up to a few thousand columns; not for a few directions of very many columns: power-iteration.
    Source: Golub & Reinsch (1970), doi:10.1007/BF02163027; Golub & Van Loan, Matrix Computations (2013), section 8.6.
    """

    needs = (PrincipalSubspace,)
    method: Literal["svd", "covariance"] = "svd"

    def iterate(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator) -> Iterates:
        X, k = problem.X, problem.k
        if self.method == "svd":
            problem.ledger.passes += 2  # one that copies the rows, one that reads them
            R = sl.qr(X, mode="r", check_finite=False)[0][: X.shape[1]]
            V = sl.svd(R, full_matrices=False, check_finite=False)[2][:k].T
        else:
            problem.ledger.passes += 1
            d = X.shape[1]
            V = sl.eigh(X.T @ X, subset_by_index=(d - k, d - 1), check_finite=False)[1]
        yield V.flatten()
        return "it is direct"

    def predicted(self, problem: PrincipalSubspace, spectrum: Spectrum | None) -> Rate:
        return Rate(0.0)


@dataclass(frozen=True)
class PowerIteration(Solver[PrincipalSubspace]):
    """Orthogonal iteration for the k first principal directions of X, centred: for one, the power method.

        Z = X'(X V)     V R = Z,     V orthonormal, R upper triangular

    Cost: two products with the rows, 4 n d k operations, and 2 d k^2 an iterate. Memory: two matrices of V's shape and
    one of n x k.
    Rate: lambda_(k+1) / lambda_k, eigenvalues of X'X, for the angle to the best subspace; f - f* goes as its square.
    Choose it for a few directions of many columns whose eigenvalues k and k + 1 lie apart; not where they are close,
    nor for few columns, where pca-svd is done sooner.
    Source: Bauer (1957), doi:10.1007/BF01600502; Golub & Van Loan, Matrix Computations (2013), section 8.2.4.
    """

    needs = (PrincipalSubspace,)

    def iterate(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator) -> Iterates:
        X = problem.X
        V, _ = orthonormal(theta0.reshape(-1, problem.k))
        while True:
            problem.ledger.products += 1
            problem.ledger.passes += 2
            old, (V, r) = V, orthonormal(X.T @ (X @ V))
            yield V.flatten()
            if r.min() * norm(V - old @ (old.T @ V)) <= 10 * X.shape[1] * EPS * r.max():
                return "its subspace changes by rounding alone"

    def predicted(self, problem: PrincipalSubspace, spectrum: Spectrum | None) -> Rate:
        s = sl.svdvals(problem.X, check_finite=False)
        return Rate(float((s[problem.k] / s[problem.k - 1]) ** 2) if s[problem.k - 1] else 0.0)


@dataclass(frozen=True)
class Oja(Solver[PrincipalSubspace]):
    """Oja's rule for the k first principal directions: each row turns V a little towards itself.

        V <- V + step_t (x - V s) s',     s = V'x

    It is a step of SGD on f where V is orthonormal, and keeps it so but for step^2; at the end of an epoch, which is an
    iterate, V is made orthonormal again. Rows come in a fresh order every epoch. The schedule sets step_t from the
    epochs gone by, e:
        constant   step                          settles at a noise floor
        inverse    step / (1 + e/horizon)        converges, as 1/e^2 or slower
        cosine     step (1 + cos(pi e/horizon)) / 2    and ends after `horizon` epochs
    step: 1/max |x|^2 where it is left out.
    horizon: 1 epoch.
    Cost: n rows an iterate, 6 d k operations a row. Memory: one matrix of V's shape.
    Rate: f - f* as 1/t after t rows, with steps of c/t, 2 c (lambda_k - lambda_(k+1)) > 1; slower with a smaller c.
    Choose it for rows that come in a stream, or few digits from few passes; not for many digits: power-iteration.
    Source: Oja (1982), doi:10.1007/BF00275687; of k directions: Oja (1989), doi:10.1142/S0129065789000475; its rate:
    Balsubramani, Dasgupta & Freund (2013), arXiv:1501.03796.
    """

    needs = (PrincipalSubspace,)
    step: float | None = None
    schedule: Literal["constant", "inverse", "cosine"] = "inverse"
    horizon: float = 1.0

    def __post_init__(self) -> None:
        positive(step=self.step, horizon=self.horizon)

    def iterate(self, problem: PrincipalSubspace, theta0: Vector, rng: np.random.Generator) -> Iterates:
        V, _ = orthonormal(theta0.reshape(-1, problem.k))
        step = self.step or self._longest(problem)

        def steps(t: NDArray[np.int64]) -> Vector:
            e = t / problem.n / self.horizon
            if self.schedule == "inverse":
                return step / (1 + e)
            if self.schedule == "cosine":
                return step * (1 + np.cos(np.pi * np.minimum(e, 1))) / 2
            return np.full(t.size, step)

        blocks = oja(problem, V, steps, rng)
        if self.schedule != "cosine":
            return (yield from blocks)
        left = int(np.ceil(self.horizon))
        while left > 0:
            block = next(blocks)[:left]
            left -= len(block)
            yield block
        return "its schedule is over: the steps are zero from here on"

    def _longest(self, problem: PrincipalSubspace) -> float:
        problem.ledger.passes += 1
        longest = float(np.einsum("ij,ij->i", problem.X, problem.X).max())
        if not longest > 0:
            raise Breakdown("all rows are the same, and no direction is better than another")
        return 1 / longest


def orthonormal(Z: Matrix) -> tuple[Matrix, Vector]:
    """An orthonormal basis of what the columns of Z span, the same for the same Z, and how much each column adds."""
    Q, R = sl.qr(Z, mode="economic", check_finite=False)
    added: Vector = np.diag(R)
    return Q * np.where(added < 0, -1.0, 1.0), abs(added)
