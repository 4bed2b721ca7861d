"""The direct method for total-variation denoising in one dimension."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from problems.forms import TotalVariation
from problems.foundation.arrays import Vector
from solvers.base import Breakdown, Iterates, Rate, Solver
from solvers.base.endings import DIRECT
from solvers.base.spectrum import Spectrum
from solvers.kernels.taut_string import taut_string


@dataclass(frozen=True)
class TautString(Solver[TotalVariation]):
    """The minimum of |theta - y|^2 / (2n) + weight sum_i |theta_(i+1) - theta_i|, as a taut string through a tube.

        1. r_i = y_1 + ... + y_i
        2. s the shortest string with |s_i - r_i| <= n weight and its ends at r_0 and r_n
        3. theta_i = s_i - s_(i-1)

    From bend to bend, s is the greatest convex minorant of the tube's upper side or the least concave majorant of its
    lower side.
    Cost: one iteration with a number of operations proportional to n, for every weight.
    Memory: four vectors of length n.
    Rate: exact after one iteration.
    Choose it for the total variation of one signal with unweighted squares; not in two dimensions.
    Source: Davies & Kovac (2001), doi:10.1214/aos/996986501.
    """

    needs = (TotalVariation,)

    def iterate(self, problem: TotalVariation, theta0: Vector, rng: np.random.Generator) -> Iterates:
        y = problem.y
        theta = np.empty(y.size)
        problem.ledger.passes += 2
        pieces = taut_string(y, y.size * problem.weight, theta)
        if not np.isfinite(theta).all():
            raise Breakdown("the running sums of the signal overflow")
        yield theta
        return f"{DIRECT}; the string has {pieces} pieces"

    def rate(self, spectrum: Spectrum) -> Rate:
        return Rate(0.0)
