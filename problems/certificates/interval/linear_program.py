"""The active set of a piecewise linear model from the vertex of its dual linear program."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from problems.certificates.interval.active_set import ActiveSet
from problems.certificates.interval.columns import Columns
from problems.certificates.interval.losses import PiecewiseLoss
from problems.foundation.double_double import DoubleDouble, exact

OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10, "time_limit": 20.0}
MOST_ROWS = 20_000  # of a program that is solved
LARGEST_COST = 1e7  # of a row, in units of those that decide


def programmed(columns: Columns, about: DoubleDouble | None = None) -> tuple[DoubleDouble, ActiveSet] | None:
    """A minimum of a loss of lines without an l2, and its active set; None where the program has no solution.

        max -sum_i l_i*(s_i) over low <= s <= high with |C's| <= l1 (C's <= l1 if the coefficients may not be negative)

    about: a point at which to start; residuals that are small there are enlarged to about 1, so that the tolerance of
    the program does not hide them. Source: Gleixner, Steffy & Wolter (2016), doi:10.1287/ijoc.2016.0692.
    """
    model, loss = columns.model, columns.model.loss
    if not isinstance(loss, PiecewiseLoss) or not loss.kinked or model.l2.hi.any() or model.n > MOST_ROWS:
        return None
    level = float(np.median(loss.centre)) if model.intercept else 0.0
    origin = exact(np.where(np.arange(model.dim) == model.dim - 1, level, 0.0)) if about is None else about
    residuals = (loss.centre - model.product(origin)[0]).hi
    size = max(float(abs(residuals).max(initial=0.0)), 1e-300)
    if about is not None:
        small = abs(residuals)[abs(residuals) <= 1e-6 * max(float(abs(loss.centre).max()), 1e-300)]
        size = float(small.max(initial=0.0)) or size
    if model.kinked.any():
        P, B, l1 = np.eye(model.dim), columns.C, model.l1.hi * columns.stretch
        low = np.where(model.nonnegative, -np.inf, -l1)
    else:
        basis = columns.basis()
        P, B, l1 = basis.P, basis.rows, np.zeros(basis.rank)
        low = l1
    bounded = np.flatnonzero((low < 0) | (l1 > 0))  # B's + u = 0, with u between these bounds
    at_origin = -(origin.hi / columns.stretch)[bounded] if about is not None else np.zeros(bounded.size)
    program = linprog(
        np.clip(np.append(residuals, at_origin) / size, -LARGEST_COST, LARGEST_COST),
        A_eq=sp.hstack([sp.csr_array(B.T), sp.eye_array(l1.size, format="csc")[:, bounded]]),
        b_eq=np.zeros(l1.size),
        bounds=np.column_stack([np.append(loss.low.hi, low[bounded]), np.append(loss.high.hi, l1[bounded])]),
        method="highs-ds",
        options=OPTIONS,
    )
    if program.x is None:
        return None
    s, u = program.x[: model.n], program.x[model.n :]
    theta = columns.theta(P @ (program.eqlin.marginals * size)) + origin
    kink = (s > loss.low.hi) & (s < loss.high.hi)
    zero, sign = np.zeros(model.dim, bool), np.zeros(model.dim)
    if model.kinked.any():
        zero[bounded] = (u > low[bounded]) & (u < l1[bounded])
        sign[bounded] = np.where(zero[bounded], 0.0, np.where(u >= l1[bounded], 1.0, -1.0))
    at_low = (s <= loss.low.hi) & ~kink
    held = exact(np.where(kink, s, 0.0))
    return theta, ActiveSet(kink, at_low, ~kink & ~at_low, held, zero, sign)
