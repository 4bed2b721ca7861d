"""Coordinate descent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.linalg import norm

from problems.forms import Composite, LinearModel
from problems.foundation.arrays import CSR, EPS, Vector
from solvers.base import Breakdown, Iterates, Solver
from solvers.kernels.blocks import blocks
from solvers.kernels.coordinate import coordinate_epochs, sparse_coordinate_epochs

FEWEST = 10  # coordinates that a working set grows by at least
CLOSER = 0.1  # of the largest violation, down to which an epoch's moves go before all coordinates are looked at


@dataclass(frozen=True)
class CoordinateDescent(Solver[LinearModel]):
    """Cyclic coordinate descent for a linear model with penalties l1 and l2, the elastic net.

        for j in W:     w_j <- S(w_j - g_j/L_j, l1/L_j),     S(u, t) = sign(u) max(|u| - t, 0)

    g_j: the derivative of all but l1, from slopes of the losses that are kept up to date.  L_j = c |x_j|^2 / n + l2,
    c the loss's largest curvature: for squares each step is exact.  W: the working set, those coordinates that are
    not zero and those that broke the optimality conditions most; once the moves within W are a tenth of the largest
    breach, all coordinates are looked at and W grows. With l1 = 0 it is the Gauss-Seidel sweep on the normal equations.
    working_set: false takes every coordinate into each epoch.
    Cost: 4 n |W| operations an iterate, which is an epoch over W; for losses that are no squares n loss evaluations
    for each coordinate that moves as well; of sparse rows the entries of the columns alone count, for both. Memory:
    a copy of X, column by column, and a few vectors.
    Rate: linear once the zeros are found, like Gauss-Seidel's on what is left: set by how alike the columns are.
    Choose it for the lasso and the elastic net, above all with few nonzero coefficients; not for columns that are
    nearly dependent, or far from centred beside an intercept.
    Source: Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01; with working sets: Massias, Gramfort &
    Salmon (2018), arXiv:1802.07481.
    """

    needs = (LinearModel, Composite)
    monotone = True
    working_set: bool = True

    def objection(self, problem: Any) -> str | None:
        if reason := super().objection(problem):
            return reason
        if not math.isfinite(problem.loss.curvature):
            return f"it needs a bound on the loss's curvature: the {problem.loss.name} loss has none"
        return None

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        y, n, loss, penalty, ledger = problem.y, problem.n, problem.loss, problem.penalty, problem.ledger
        columns = _by_columns(problem.rows.stored())
        sparse = sp.issparse(columns)
        ledger.passes += 1
        dim = columns.shape[0]
        l1, l2 = np.full(dim, penalty.l1), np.full(dim, penalty.l2)
        if problem.rows.intercept:
            l1[-1] = l2[-1] = 0.0
        squares = (columns.multiply(columns).sum(1) if sparse else np.einsum("ji,ji->j", columns, columns)) / n
        L = loss.curvature * squares + l2
        if not np.isfinite(L).all():
            raise Breakdown(f"column {int(np.argmin(np.isfinite(L)))} of X is too large for its square")
        L = np.maximum(L, 1e-200)  # an empty column: l1 sends its coefficient to 0, and nothing else moves it
        theta = theta0.copy()
        native: Any = _csr(columns) if sparse else ()
        W = np.flatnonzero(theta) if self.working_set and penalty.l1 else np.arange(dim)
        while True:
            z = columns.T @ theta
            _, s, _ = loss.total(z, y)
            g = columns @ s / n + l2 * theta
            ledger.gradients += 1
            ledger.passes += 2
            u = theta - g / L
            breach = L * abs(np.sign(u) * np.maximum(abs(u) - l1 / L, 0.0) - theta)
            hidden = 4 * EPS * (np.sqrt(squares / n) * (norm(z) + norm(s)) + L * abs(theta))
            if not np.any(breach > hidden):
                return "no coordinate moves by more than rounding"
            if len(W) < dim:
                worst = np.argsort(-breach)[: max(FEWEST, np.count_nonzero(theta))]
                W = np.union1d(W, worst[breach[worst] > 0])
            least = np.maximum(hidden, CLOSER * breach.max()) / L
            for _, size in blocks((columns.nnz if sparse else n * len(W)) + dim):
                out = np.empty((size, dim))
                how = loss.shape, loss.curvature if loss.quadratic else 0.0
                rest_of: Any = y, L, l1, l2, least, W, theta, z, s, out
                if sparse:
                    rest = sparse_coordinate_epochs(loss.addresses[0], *how, *native, *rest_of)
                else:
                    rest = coordinate_epochs(loss.addresses[1], *how, columns, *rest_of)
                made = rest or size
                ledger.passes += made * len(W) / dim
                yield out[:made]
                if rest:
                    break


def _by_columns(X: Any) -> Any:
    """X', each row of it in one piece: an array, or CSR where X is."""
    return sp.csr_array(X.tocsc().T) if sp.issparse(X) else np.ascontiguousarray(X.T)


def _csr(X: Any) -> CSR:
    return CSR(X.data, X.indices.view(np.uint32), X.indptr.view(np.uint32))
