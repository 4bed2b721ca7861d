"""scipy's linear programs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from problems.forms import BasisPursuit
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Lap, Note


@dataclass(frozen=True)
class ScipyLinprog(BlackBox[BasisPursuit]):
    """scipy.optimize.linprog: |theta|_1 to be least over A theta = b, as a linear program for HiGHS.

        min sum_j u_j + v_j     over A (u - v) = b, u >= 0, v >= 0,     theta = u - v

    method: highs-ds, the dual simplex method, or highs-ipm, an interior point and then a vertex by the simplex method.
    Cost: one iterate: about n to 3 n simplex steps of some n d operations, A of n rows and d columns. Memory: A twice
    and again in HiGHS, and a factor of n columns.
    Rate: at once, a vertex: as many nonzeros as equations at most, and about nine digits of them.
    Choose it for up to some thousand unknowns, and where the answer is not sparse; not for A that is only a product.
    Source: Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5.
    """

    needs = (BasisPursuit,)
    opaque = True
    method: Literal["highs-ds", "highs-ipm"] = "highs-ds"

    def run(self, problem: BasisPursuit, theta0: Vector, rng: np.random.Generator, budget: int, note: Note) -> Lap:
        from scipy.optimize import linprog

        d = problem.A.shape[1]
        program = linprog(
            np.ones(2 * d),
            A_eq=np.hstack([problem.A, -problem.A]),
            b_eq=problem.b,
            method=self.method,
            options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
        )
        if program.x is None:
            raise Breakdown(f"HiGHS finds no solution: {program.message.rstrip('.')}")
        return Lap(program.x[:d] - program.x[d:], done=True, why="it is direct")
