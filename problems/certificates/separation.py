"""Separable classes: if a plane separates two classes, a logistic loss without a penalty has no minimiser."""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.optimize import linprog

from problems.foundation.arrays import Vector
from problems.parts.rows import Rows


def separating(rows: Rows, y: Vector) -> Vector | None:
    """A theta with y_i (x_i . theta) >= 0 for all rows and > 0 for some; None if there is none.

    A logistic loss decreases for ever along theta, so that no minimiser exists. The linear program is
    max sum_i m_i subject to y_i (x_i . theta) >= m_i, 0 <= m_i <= 1; its optimum is zero or at least one.
    Source: Albert & Anderson (1984), doi:10.1093/biomet/71.1.1.
    """
    signed = sp.csr_array(sp.diags_array(y) @ rows.design_matrix())
    n, dim = signed.shape
    program = linprog(
        np.r_[np.zeros(dim), -np.ones(n)],
        A_ub=sp.hstack([-signed, sp.eye_array(n)], format="csr"),
        b_ub=np.zeros(n),
        bounds=[(None, None)] * dim + [(0, 1)] * n,
        method="highs",
    )
    return program.x[:dim] if program.status == 0 and -program.fun > 0.5 else None
