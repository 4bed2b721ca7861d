"""Losses with a kink as linear programs, solved by scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from problems.forms import LinearModel
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Callback, Run
from solvers.base.endings import DIRECT
from solvers.peers.conventions import HIGHS, no_l2


@dataclass(frozen=True)
class ScipyLinprogModel(BlackBox[LinearModel]):
    """scipy.optimize.linprog: a piecewise linear loss with one kink, with or without an l1 penalty, by HiGHS.

        min sum_i high_i over_i - low_i under_i + n l1 |w|_1     over X w + b = kink + over - under

    where low_i and high_i are the slopes of the loss below and above its kink; for a hinge 0 and 1, or -1 and 0.
    method: the default highs-ds is the dual simplex method; highs-ipm is an interior-point method with crossover to a
    vertex.
    Cost: one iteration, with about n simplex steps.
    Memory: the rows several times, sparse.
    Rate: exact after one iteration, to about nine digits.
    Choose it for up to some ten thousand rows; not with an l2 penalty, which a linear program cannot have.
    Source: Wagner (1959), doi:10.1080/01621459.1959.10501506; Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
    """

    needs = (LinearModel,)
    opaque = True
    method: Literal["highs-ds", "highs-ipm"] = "highs-ds"

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        if problem.loss.kink is None:
            return f"the {problem.loss.name} loss is not a line on each side of a kink"
        return no_l2(problem)

    def run(
        self, problem: LinearModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        import scipy.sparse as sp
        from scipy.optimize import linprog

        n, d = problem.rows.X.shape
        X, eye, l1 = sp.csr_array(problem.rows.X), sp.eye_array(n), np.full(d, n * problem.penalty.l1)
        low, high = problem.loss.derivative_bounds(problem.y)
        ones = sp.csr_array(np.ones((n, int(problem.rows.intercept))))
        k = ones.shape[1]
        program = linprog(
            np.r_[l1, np.zeros(k), l1, high, -low],
            A_eq=sp.hstack([X, ones, -X, -eye, eye], format="csc"),
            b_eq=problem.loss.kink(problem.y),
            bounds=[(0, None)] * d + [(None, None)] * k + [(0, None)] * (d + 2 * n),
            method=self.method,
            options=HIGHS,
        )
        if program.x is None:
            raise Breakdown(f"HiGHS finds no solution: {program.message.rstrip('.')}")
        theta = program.x[: d + k].copy()
        theta[:d] -= program.x[d + k : 2 * d + k]
        return Run(theta, done=True, reason=DIRECT)
