"""Basis pursuit as a linear program, solved by scipy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from problems.forms import BasisPursuit
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Callback, Run
from solvers.base.endings import DIRECT
from solvers.peers.conventions import HIGHS


@dataclass(frozen=True)
class ScipyLinprog(BlackBox[BasisPursuit]):
    """scipy.optimize.linprog: the smallest |theta|_1 over A theta = b, as a linear program for HiGHS.

        min sum_j u_j + v_j     over A (u - v) = b, u >= 0, v >= 0,     theta = u - v

    method: the default highs-ds is the dual simplex method; highs-ipm is an interior-point method with crossover to a
    vertex.
    Cost: one iteration, with about n to 3 n simplex steps of about n d operations, if A has n rows and d columns.
    Memory: A twice, twice again in HiGHS, and a factor of n columns.
    Rate: exact after one iteration, to about nine digits. The solution is a vertex: it has at most as many nonzeros as
    there are equations.
    Choose it for up to some thousand unknowns, also if the solution is not sparse; not if A is known only by products.
    Source: Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
    """

    needs = (BasisPursuit,)
    opaque = True
    method: Literal["highs-ds", "highs-ipm"] = "highs-ds"

    def run(
        self, problem: BasisPursuit, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        from scipy.optimize import linprog

        d = problem.A.shape[1]
        program = linprog(
            np.ones(2 * d),
            A_eq=np.hstack([problem.A, -problem.A]),
            b_eq=problem.b,
            method=self.method,
            options=HIGHS,
        )
        if program.x is None:
            raise Breakdown(f"HiGHS finds no solution: {program.message.rstrip('.')}")
        return Run(program.x[:d] - program.x[d:], done=True, reason=DIRECT)
