"""The search for the minimum of a curve: brief descents from many draws, of which the best go on."""

from __future__ import annotations

import numpy as np

from problems.curves.curve import Curve
from problems.curves.draws import best_draws, with_fewer_rows
from problems.foundation.arrays import Vector
from solvers.base.driving import last_iterate
from solvers.second_order.gauss_newton import LevenbergMarquardt

DRAWS = 1500  # for each parameter in which the model is not linear
KEPT = 60  # draws from which a descent starts
BRIEF = 25  # iterations of it
BEST = 8  # points from which a descent goes on to its end


def starts(problem: Curve, rng: np.random.Generator) -> list[Vector]:
    """The best points that brief descents from the best of many draws reach, by growing f."""
    few = with_fewer_rows(problem)
    reached = [last_iterate(LevenbergMarquardt(), few, draw, BRIEF) for draw in best_draws(few, DRAWS, KEPT, rng)]
    return sorted(reached, key=few.value)[:BEST]
