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

FEWEST_NEW = 10  # coordinates by which a working set grows at least
INNER_TOLERANCE = (
    0.1  # relative to the largest violation: the changes of an epoch at which the working set has converged
)


@dataclass(frozen=True)
class CoordinateDescent(Solver[LinearModel]):
    """Cyclic coordinate descent for a linear model with penalties l1 and l2, the elastic net.

        for j in W:     w_j <- S(w_j - g_j/L_j, l1/L_j),     S(u, t) = sign(u) max(|u| - t, 0)

    where g_j is the derivative of everything except l1, from derivatives of the losses that are kept up to date. L_j =
    c |x_j|^2 / n + l2, where c is the largest curvature of the loss; for the squared loss each step is exact. W is the
    working set: the coordinates that are not zero, and those that violate the optimality conditions most. When the
    changes within W are a tenth of the largest violation, all coordinates are checked and W grows. With l1 = 0 it is
    the Gauss-Seidel sweep on the normal equations.
    working_set: default true. With false every epoch visits all coordinates.
    Cost: 4 n |W| operations per iteration, which is an epoch over W. If the loss is not quadratic, n evaluations of the
    loss for each coordinate that changes are added. If the rows are sparse, n is replaced by the number of entries of
    the column.
    Memory: a copy of X, column by column, and a few vectors.
    Rate: linear after the zeros are identified, like Gauss-Seidel on the other columns; it depends on their
    correlation.
    Choose it for the lasso and the elastic net, especially with few nonzero coefficients; not for nearly dependent
    columns, or columns far from centred together with an intercept.
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
            return f"it needs a bound on the curvature of the loss, and the {problem.loss.name} loss has none"
        return None

    def iterate(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator) -> Iterates:
        y, n, loss, penalty, ledger = problem.y, problem.n, problem.loss, problem.penalty, problem.ledger
        columns = _by_columns(problem.rows.design_matrix())
        sparse = sp.issparse(columns)
        ledger.passes += 1
        dim = columns.shape[0]
        l1, l2 = np.full(dim, penalty.l1), np.full(dim, penalty.l2)
        if problem.rows.intercept:
            l1[-1] = l2[-1] = 0.0
        squares = (columns.multiply(columns).sum(1) if sparse else np.einsum("ji,ji->j", columns, columns)) / n
        L = loss.curvature * squares + l2
        if not np.isfinite(L).all():
            raise Breakdown(f"the square of column {int(np.argmin(np.isfinite(L)))} of X overflows")
        L = np.maximum(L, 1e-200)  # an empty column: only l1 changes its coefficient, to 0
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
            violation = L * abs(np.sign(u) * np.maximum(abs(u) - l1 / L, 0.0) - theta)
            rounding = 4 * EPS * (np.sqrt(squares / n) * (norm(z) + norm(s)) + L * abs(theta))
            if not np.any(violation > rounding):
                return "no coordinate changes by more than rounding errors"
            if len(W) < dim:
                worst = np.argsort(-violation)[: max(FEWEST_NEW, np.count_nonzero(theta))]
                W = np.union1d(W, worst[violation[worst] > 0])
            least = np.maximum(rounding, INNER_TOLERANCE * violation.max()) / L
            for _, size in blocks((columns.nnz if sparse else n * len(W)) + dim):
                out = np.empty((size, dim))
                loss_parameters = loss.shape, loss.curvature if loss.quadratic else 0.0
                state: Any = y, L, l1, l2, least, W, theta, z, s, out
                if sparse:
                    epochs = sparse_coordinate_epochs(loss.addresses[0], *loss_parameters, *native, *state)
                else:
                    epochs = coordinate_epochs(loss.addresses[1], *loss_parameters, columns, *state)
                done = epochs or size
                ledger.passes += done * len(W) / dim
                yield out[:done]
                if epochs:
                    break


def _by_columns(X: Any) -> Any:
    """X' with contiguous rows: an array, or CSR if X is sparse."""
    return sp.csr_array(X.tocsc().T) if sp.issparse(X) else np.ascontiguousarray(X.T)


def _csr(X: Any) -> CSR:
    return CSR(X.data, X.indices.view(np.uint32), X.indptr.view(np.uint32))
