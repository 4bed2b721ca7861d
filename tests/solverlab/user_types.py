"""A user's typed code, which `make types` checks: the public API has real types, and a wrong argument is an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_type

import numpy as np

import solverlab as lab


class Descent(lab.Solver[lab.Smooth]):
    """Gradient descent with the step 1/L."""

    needs = (lab.Smooth,)

    def iterate(self, problem: lab.Smooth, theta0: lab.Vector, rng: np.random.Generator) -> lab.Iterates:
        """One gradient per iteration."""
        theta, step = theta0, 1 / lab.largest_curvature(problem, theta0, rng)
        while True:
            theta = theta - step * problem.gradient(theta)
            yield theta


def use() -> None:
    """Never called."""
    problem = lab.problem("ridge(l2=0.1)")
    assert_type(problem, lab.Objective)
    assert_type(lab.solver("lbfgs"), lab.Solver[Any])
    assert_type(lab.measure(problem, Descent()).status, lab.Status)
    assert_type(lab.compare(problem, [Descent, "newton"]).verdicts, Sequence[str])
    assert_type(lab.check(Descent).passed, bool)
    lab.measure(problem, Descent(), tolerance="small")  # type: ignore[arg-type]
