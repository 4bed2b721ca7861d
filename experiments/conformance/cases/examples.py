"""Catalogue problems on which solvers are tested, as hypothesis draws and shrinks them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from experiments.lab.reference.referee import bracket, refer
from experiments.lab.reference.reference import Reference
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import Spec, parse, spec
from problems.foundation.arrays import Vector
from problems.foundation.checks import DataError

Strategy = st.SearchStrategy[Any]
SEEDS = st.integers(0, 2**16)
FALSE, TRUE = st.just(False), st.just(True)
NEARBY, FAR = st.just(0.0), st.sampled_from([5.0, 20.0])  # distances of a start
L2 = st.sampled_from([0.0, 0.1, 1.0])
POSITIVE_L2 = st.sampled_from([0.01, 0.1, 1.0])
L1 = st.sampled_from([0.01, 0.1, 1.0])


@dataclass(frozen=True)
class Example:
    """A problem by its name, the seed of a run on it, and the distance of the start from the problem's own."""

    spec: Spec
    seed: int
    distance: float = 0.0  # in every coefficient, up or down

    def __str__(self) -> str:
        far = f", from a start {self.distance:g} further away in every coefficient" if self.distance else ""
        return f"{self.spec}, seed {self.seed}{far}"

    @property
    def problem(self) -> Any:
        """The problem; all examples of that name share it."""
        return built(self.spec)

    def reference(self) -> Reference:
        """The referee's interval for its minimum."""
        return _reference(self.spec)

    def fits(self, solver: Any) -> bool:
        """Whether the problem exists and has a minimum, and the solver accepts it."""
        state = random.getstate()
        try:
            return solver.objection(self.problem) is None and not self.reference().unattained
        except DataError:
            return False
        finally:
            random.setstate(state)  # a library that is imported here may draw from it, which hypothesis forbids

    def nearest(self) -> Vector:
        """The best point that the referee finds."""
        return bracket(self.problem).point

    def start(self) -> Vector:
        """theta_0 for the seed."""
        rng = np.random.default_rng(self.seed)
        theta0: Vector = self.problem.start(rng)
        return theta0 + self.distance * rng.choice([-1.0, 1.0], theta0.size) if self.distance else theta0


@lru_cache(maxsize=256)
def built(name: Spec) -> Any:
    """The problem of that name."""
    return build_problem(name)


@lru_cache(maxsize=256)
def _reference(name: Spec) -> Reference:
    return refer(built(name))


def _specs(name: str, **parameters: Any) -> Strategy:
    """Specs of that name. A parameter is a strategy or a fixed value."""
    given = {
        key: value if isinstance(value, st.SearchStrategy) else st.just(value) for key, value in parameters.items()
    }
    return st.fixed_dictionaries(given).map(lambda values: spec(name, **values))


def _rows(name: str, least: int, **more: Strategy) -> Strategy:
    """Problems with `least` rows or more beyond three per column, so well conditioned that every method converges."""

    def sized(d: int, extra: int, given: dict[str, Any]) -> Spec:
        return spec(name, n=3 * d + least + extra, d=d, **given)

    given = st.fixed_dictionaries({"condition": st.sampled_from([1.0, 4.0, 10.0]), "seed": SEEDS, **more})
    return st.builds(sized, st.integers(1, 5), st.integers(0, 20), given)


def convex(intercept: Strategy) -> dict[str, Strategy]:
    """By kind, problems on which a method that minimises f must come near f*."""
    with_intercept = {"intercept": intercept}
    return {
        "linear-regression": _rows("linear-regression", 3, l2=L2, **with_intercept),
        "logistic": _rows("logistic", 8, l2=POSITIVE_L2, **with_intercept),
        "no penalty": _rows("logistic", 40, l2=st.just(0.0), **with_intercept),
        "lasso": _rows("linear-regression", 3, l1=L1, **with_intercept),
        "sparse logistic": _rows("logistic", 8, l1=st.just(0.02), l2=POSITIVE_L2, **with_intercept),
        "absolute": _rows("linear-regression", 3, loss=st.just("absolute"), l2=L2, **with_intercept),
        "huber": _rows("linear-regression", 3, loss=st.just("huber"), l2=POSITIVE_L2, **with_intercept),
        "hinge": _rows("hinge", 8, l2=POSITIVE_L2, **with_intercept),
        "several outputs": _rows("linear-regression", 3, outputs=st.sampled_from([2, 3]), l2=L2, **with_intercept),
        "softmax": _rows("softmax", 20, l2=POSITIVE_L2, **with_intercept),
        "nonnegative": _rows("linear-regression", 3, nonnegative=TRUE, **with_intercept),
    }


NOISELESS = {"linear-regression": _rows("linear-regression", 3, noise=st.just(0.0), intercept=TRUE)}
KINKED = ("absolute", "hinge")  # at a kink theta does not determine the dual: a method may leave an exact minimum


def systems(most: int) -> dict[str, Strategy]:
    """By kind, systems of at most `most` unknowns, or with at most `most` points along a side of a grid."""
    size = st.integers(2, most)
    grids = {kind: _specs("linear-system", data=kind, size=size) for kind in ("poisson", "convection")}
    dense = ("spd", "general", "indefinite")
    return grids | {kind: _specs("linear-system", data=kind, n=size, condition=10, seed=SEEDS) for kind in dense}


def hard_systems() -> dict[str, Strategy]:
    """By kind, systems of some hundred unknowns or of a high condition, on which rounding errors can grow."""
    size, condition = st.sampled_from([10, 40, 200]), st.sampled_from([10.0, 1e4, 1e8])
    dense = ("spd", "general", "indefinite")
    return {kind: _specs("linear-system", data=kind, n=size, condition=condition, seed=SEEDS) for kind in dense}


def hard_rows(intercept: Strategy) -> Strategy:
    """Linear regression with columns that are almost dependent."""
    sizes = {"n": st.sampled_from([20, 60, 150]), "d": st.sampled_from([2, 5, 15])}
    condition = st.sampled_from([1e8, 1e12, 1e16])  # of X'X: the square of that of X
    return _specs("linear-regression", condition=condition, intercept=intercept, seed=SEEDS, **sizes)


SUBSPACES = {  # every local minimum is the global one: a method for principal subspaces must come near f*
    "subspace": _specs(
        "pca", n=st.integers(12, 60), d=st.integers(4, 8), k=st.integers(1, 3), ratio=0.3, seed=SEEDS
    )
}  # fmt: skip
LANDSCAPES = ("rosenbrock", "booth", "rastrigin", "ackley")
OTHERS = {
    **SUBSPACES,
    "basis pursuit": _specs("basis-pursuit", n=st.integers(3, 8), d=12, nonzeros=2, seed=SEEDS),
    "total variation": _specs("total-variation", n=st.integers(2, 30), pieces=2, seed=SEEDS),
    "clusters": _specs("k-means", n=st.integers(9, 60), k=st.integers(1, 4), seed=SEEDS),
    "support vectors": _rows("hinge", 8, l2=POSITIVE_L2, intercept=FALSE),
    "network": _specs("xor", hidden=st.integers(1, 4), seed=SEEDS),
    "stacked": _specs("xor", model="stacked", hidden=st.integers(1, 3)),
    "deep network": _specs(
        "network",
        n=st.integers(9, 20),
        hidden=st.tuples(st.integers(1, 4), st.just(2)),
        activation=st.sampled_from(["tanh", "prelu", "maxout", "gelu"]),
        l2=0.1,
        seed=SEEDS,
    ),
    "several classes": _specs("network", data="spirals", classes=3, n=st.integers(6, 20), hidden=st.integers(1, 3)),
    "curve": _specs("curve", n=st.integers(5, 30), seed=SEEDS),
    **{name: st.just(spec("landscape", function=name)) for name in LANDSCAPES},
}
LARGE_PENALTY = _specs("linear-regression", n=st.integers(5, 30), d=st.integers(1, 4), l1=1000, seed=SEEDS)

REPRESENTATIVES = {  # one problem of each kind: a solver that accepts it is tested on the others of the kind
    kind: parse(text)
    for kind, text in {
        "linear-regression": "linear-regression(n=9, d=2)",
        "logistic": "logistic(n=14, d=2, l2=0.1)",
        "no penalty": "logistic(n=43, d=1, l2=0.0)",
        "lasso": "linear-regression(n=9, d=2, l1=0.1)",
        "sparse logistic": "logistic(n=14, d=2, l1=0.02)",
        "absolute": "linear-regression(n=9, d=2, loss=absolute)",
        "huber": "linear-regression(n=9, d=2, loss=huber, l2=0.1)",
        "hinge": "hinge(n=14, d=2, l2=0.1)",
        "several outputs": "linear-regression(n=9, d=2, outputs=2)",
        "softmax": "softmax(n=26, d=2, l2=0.1)",
        "nonnegative": "linear-regression(n=9, d=2, nonnegative=true)",
        "poisson": "linear-system(data=poisson, size=3)",
        "convection": "linear-system(data=convection, size=3)",
        "spd": "linear-system(data=spd, n=3, condition=10)",
        "general": "linear-system(data=general, n=3, condition=10)",
        "indefinite": "linear-system(data=indefinite, n=3, condition=10)",
        "basis pursuit": "basis-pursuit(n=5, d=12, nonzeros=2)",
        "total variation": "total-variation(n=8, pieces=2)",
        "subspace": "pca(n=12, d=4, k=2)",
        "clusters": "k-means(n=12, k=3)",
        "support vectors": "hinge(n=14, d=2, l2=0.1, intercept=false)",
        "network": "xor",
        "stacked": "xor(model=stacked)",
        "deep network": "network(n=9, hidden=[2, 2], l2=0.1)",
        "several classes": "network(data=spirals, classes=3, n=9, hidden=2)",
        "curve": "curve(n=10)",
        **{name: f"landscape(function={name})" for name in LANDSCAPES},
    }.items()
}


def accepted(solver: Any, kinds: dict[str, Strategy], distance: Strategy = NEARBY) -> Strategy | None:
    """Examples of those kinds that the solver accepts; None if it accepts none of the kinds."""
    taken = [specs for kind, specs in kinds.items() if solver.objection(built(REPRESENTATIVES[kind])) is None]
    if not taken:
        return None
    return st.builds(Example, st.one_of(taken), SEEDS, distance).filter(lambda example: example.fits(solver))
