"""Losses that turn at a corner, as linear programs for scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Lap, Note
from solvers.peers.conventions import HIGHS, no_l2


@dataclass(frozen=True)
class ScipyLinprogModel(BlackBox[LinearModel]):
    """scipy.optimize.linprog: a loss that is a line on either side of a corner, with an l1 or none, by HiGHS.

        min sum_i high_i over_i - low_i under_i + n l1 |w|_1     over X w + b = corner + over - under

    low_i, high_i: the slopes of the loss below and above its corner; 0 and 1 of a hinge, or -1 and 0.
    method: highs-ds, the dual simplex method; highs-ipm, an interior point and then a vertex.
    Cost: one iterate: some n simplex steps. Memory: the rows several times, sparse.
    Rate: at once, to about nine digits.
    Choose it for up to some ten thousand rows; not for an l2, which is no linear program.
    Source: Wagner (1959), doi:10.1080/01621459.1959.10501506; Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
    """

    needs = (LinearModel,)
    opaque = True
    method: Literal["highs-ds", "highs-ipm"] = "highs-ds"

    def objection(self, problem: Any) -> str | None:
        if refused := super().objection(problem):
            return refused
        if problem.loss.corner is None:
            return f"the {problem.loss.name} loss is no line on either side of a corner"
        return no_l2(problem)

    def run(self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        import scipy.sparse as sp
        from scipy.optimize import linprog

        n, d = problem.rows.X.shape
        X, eye, l1 = sp.csr_array(problem.rows.X), sp.eye_array(n), np.full(d, n * problem.penalty.l1)
        low, high = problem.loss.slopes(problem.y)
        ones = sp.csr_array(np.ones((n, int(problem.rows.intercept))))
        k = ones.shape[1]
        program = linprog(
            np.r_[l1, np.zeros(k), l1, high, -low],
            A_eq=sp.hstack([X, ones, -X, -eye, eye], format="csc"),
            b_eq=problem.loss.corner(problem.y),
            bounds=[(0, None)] * d + [(None, None)] * k + [(0, None)] * (d + 2 * n),
            method=self.method,
            options=HIGHS,
        )
        if program.x is None:
            raise Breakdown(f"HiGHS finds no solution: {program.message.rstrip('.')}")
        theta = program.x[: d + k].copy()
        theta[:d] -= program.x[d + k : 2 * d + k]
        return Lap(theta, done=True, why="it is direct")
