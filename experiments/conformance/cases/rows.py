"""Rows that can all be fitted exactly: a solver that leaves some of them out is seen at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from experiments.conformance.cases.examples import SEEDS
from problems.data.arrays import Arrays
from problems.foundation.arrays import Vector
from problems.linear.hinge import hinge
from problems.linear.logistic import logistic
from problems.linear.regression import linear_regression
from problems.parts.losses import squared

FACTORIES: dict[str, Any] = {"linear-regression": linear_regression, "logistic": logistic, "hinge": hinge}
SMALL_L2 = 1e-4  # for classes, whose minimum would be at infinity without a penalty


@dataclass(frozen=True)
class OrthogonalRows:
    """Orthogonal rows of norm 1 without an intercept, targets +-1: each row is fitted by its own direction alone."""

    kind: str
    n: int
    seed: int

    def __str__(self) -> str:
        return f"{self.kind} on {self.n} orthogonal rows of {self.n} columns with targets +-1, seed {self.seed}"

    @property
    def problem(self) -> Any:
        """The problem; from theta = 0 the residuals of all rows are +-1."""
        return _orthogonal(self.kind, self.n, self.seed)

    def start(self) -> Vector:
        """theta_0."""
        return np.zeros(self.n)

    def fits(self, solver: Any) -> bool:
        """Whether the solver accepts the problem."""
        return solver.objection(self.problem) is None

    def progress(self, theta: Vector) -> Vector:
        """x_i . theta y_i for every row, shape (n,): 0 at theta_0, 1 where the target is attained."""
        problem = self.problem
        targets = problem.y if problem.loss is squared else np.where(problem.y > 0, 1.0, -1.0)
        z: Vector = problem.predict(theta, problem.rows.X)
        return z * targets


@lru_cache(maxsize=64)
def _orthogonal(kind: str, n: int, seed: int) -> Any:
    rng = np.random.default_rng(seed)
    X, _ = np.linalg.qr(rng.standard_normal((n, n)))
    y = rng.permutation(np.where(np.arange(n) % 2, 1.0, -1.0))
    penalty = {} if kind == "linear-regression" else {"l2": SMALL_L2}
    return FACTORIES[kind](Arrays(X, y), intercept=False, **penalty)


def orthogonal_rows(solver: Any) -> st.SearchStrategy[OrthogonalRows] | None:
    """Examples that the solver accepts, from few rows to more than two usual batches of 32; None if it accepts none."""
    taken = [kind for kind in FACTORIES if OrthogonalRows(kind, 4, 0).fits(solver)]
    sizes = st.sampled_from([4, 9, 33, 35, 64, 70])
    return st.builds(OrthogonalRows, st.sampled_from(taken), sizes, SEEDS) if taken else None
