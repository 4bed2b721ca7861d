"""Problems to try a solver on, as hypothesis draws and shrinks them; each is told by a name that rebuilds it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

import problems
from experiments.lab.reference.referee import Reference, bracket, refer
from experiments.lab.spec.grammar import build, parse
from problems.forms import Ledger, LinearSystem, Objective, SPDSystem
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError

Draw = st.SearchStrategy[Any]
SEEDS = st.integers(0, 2**16)


@dataclass(frozen=True)
class Example:
    """A catalogue problem by its name, and the seed of a run on it."""

    problem: str
    seed: int

    def __str__(self) -> str:
        return f"{self.problem}, seed {self.seed}"

    @property
    def on(self) -> Any:
        """The problem itself, one for all examples of that name."""
        return built(self.problem)

    def reference(self) -> Reference:
        """The referee's interval for its minimum."""
        return _reference(self.problem)

    def fits(self, solver: Any) -> bool:
        """Whether there is such a problem, with a minimum, and the solver has no objection to it."""
        try:
            return solver.objection(self.on) is None and not self.reference().unattained
        except DataError:
            return False

    def nearest(self) -> Vector:
        """The best point that the referee finds."""
        return _bracket(self.problem)[2]

    def start(self) -> Vector:
        """theta_0 of that seed."""
        theta0: Vector = self.on.start(np.random.default_rng(self.seed))
        return theta0


@lru_cache(maxsize=256)
def built(spec: str) -> Any:
    """The problem of that name."""
    return build(parse(spec), problems.TABLE)


@lru_cache(maxsize=256)
def _reference(spec: str) -> Reference:
    return refer(built(spec))


@lru_cache(maxsize=256)
def _bracket(spec: str) -> tuple[float, float, Vector]:
    return bracket(built(spec))


def _rows(name: str, least: int, more: dict[str, Draw]) -> Draw:
    """Synthetic rows, at least three to a column, of a conditioning with which every method that can gets there."""

    def spec(d: int, extra: int, condition: float, seed: int, given: dict[str, Any]) -> str:
        shown = "".join(f", {key}={str(value).lower()}" for key, value in given.items())
        return f"{name}(n={3 * d + least + extra}, d={d}, condition={condition:g}, seed={seed}{shown})"

    condition = st.sampled_from([1.0, 4.0, 10.0])
    return st.builds(spec, st.integers(1, 5), st.integers(0, 20), condition, SEEDS, st.fixed_dictionaries(more))


WITHOUT, WITH = st.just(False), st.just(True)
L2 = st.sampled_from([0.0, 0.1, 1.0])
SOME_L2 = st.sampled_from([0.01, 0.1, 1.0])
L1 = st.sampled_from([0.01, 0.1, 1.0])


def convex(intercept: Draw) -> dict[str, Draw]:
    """By kind, problems on which a method that minimises f must come near f*."""
    return {
        "linear-regression": _rows("linear-regression", 3, {"l2": L2, "intercept": intercept}),
        "logistic": _rows("logistic", 8, {"l2": SOME_L2, "intercept": intercept}),
        "no penalty": _rows("logistic", 40, {"l2": st.just(0.0), "intercept": intercept}),
        "lasso": _rows("linear-regression", 3, {"l1": L1, "intercept": intercept}),
        "sparse logistic": _rows("logistic", 8, {"l1": st.just(0.02), "l2": SOME_L2, "intercept": intercept}),
        "absolute": _rows("linear-regression", 3, {"loss": st.just("absolute"), "l2": L2, "intercept": intercept}),
        "huber": _rows("linear-regression", 3, {"loss": st.just("huber"), "l2": SOME_L2, "intercept": intercept}),
        "hinge": _rows("hinge", 8, {"l2": SOME_L2, "intercept": intercept}),
        "several outputs": _rows(
            "linear-regression", 3, {"outputs": st.sampled_from([2, 3]), "l2": L2, "intercept": intercept}
        ),
        "softmax": _rows("softmax", 20, {"l2": SOME_L2, "intercept": intercept}),
        "nonnegative": _rows("linear-regression", 3, {"nonnegative": WITH, "intercept": intercept}),
    }


def _matrix(kind: str, most: int) -> Draw:
    return st.builds(
        f"linear-system(matrix={kind}, n={{}}, condition=10, seed={{}})".format, st.integers(2, most), SEEDS
    )


def systems(most: int) -> dict[str, Draw]:
    """By kind, systems of up to so many unknowns, or so many points along a side of a grid."""
    return {
        "poisson": st.builds("linear-system(matrix=poisson, size={})".format, st.integers(2, most)),
        "convection": st.builds("linear-system(matrix=convection, size={})".format, st.integers(2, most)),
        **{kind: _matrix(kind, most) for kind in ("spd", "general", "indefinite")},
    }


CORNERED = ("absolute", "hinge")  # where theta alone does not tell the slopes at a minimum, which a dual would need
SUBSPACES = {  # without a minimum that is not the least: whoever is made for them must come near f*
    "subspace": st.builds(
        "pca(n={}, d={}, k={}, ratio=0.3, seed={})".format,
        st.integers(12, 60),
        st.integers(4, 8),
        st.integers(1, 3),
        SEEDS,
    )
}
OTHERS = {
    **SUBSPACES,
    "basis pursuit": st.builds("basis-pursuit(n={}, d=12, k=2, seed={})".format, st.integers(3, 8), SEEDS),
    "total variation": st.builds("total-variation(n={}, pieces=2, seed={})".format, st.integers(2, 30), SEEDS),
    "clusters": st.builds("k-means(n={}, k={}, seed={})".format, st.integers(9, 60), st.integers(1, 4), SEEDS),
    "support vectors": _rows("hinge", 8, {"l2": SOME_L2, "intercept": WITHOUT}),
    "network": st.builds("xor(hidden={}, seed={})".format, st.integers(1, 4), SEEDS),
    "stacked": st.builds("xor(model=stacked, hidden={})".format, st.integers(1, 3)),
    "deep network": st.builds(
        "network(n={}, hidden=[{}, 2], activation={}, l2=0.1, seed={})".format,
        st.integers(9, 20),
        st.integers(1, 4),
        st.sampled_from(["tanh", "prelu", "maxout", "gelu"]),
        SEEDS,
    ),
    "several classes": st.builds(
        "network(data=rings, classes=3, n={}, hidden={})".format, st.integers(6, 20), st.integers(1, 3)
    ),
    "curve": st.builds("curve(n={}, seed={})".format, st.integers(5, 30), SEEDS),
    **{name: st.just(f"landscape(function={name})") for name in ("rosenbrock", "booth", "rastrigin", "ackley")},
}


def accepted(solver: Any, kinds: dict[str, Draw]) -> Draw | None:
    """Examples of those kinds that the solver has no objection to; None where there are none."""
    taken = [specs for kind, specs in kinds.items() if solver.objection(built(FIRST[kind])) is None]
    return st.builds(Example, st.one_of(taken), SEEDS).filter(lambda example: example.fits(solver)) if taken else None


FIRST = {  # one of each kind, by which is told what a solver accepts
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
    "poisson": "linear-system(matrix=poisson, size=3)",
    "convection": "linear-system(matrix=convection, size=3)",
    "spd": "linear-system(matrix=spd, n=3, condition=10)",
    "general": "linear-system(matrix=general, n=3, condition=10)",
    "indefinite": "linear-system(matrix=indefinite, n=3, condition=10)",
    "basis pursuit": "basis-pursuit(n=5, d=12, k=2)",
    "total variation": "total-variation(n=8, pieces=2)",
    "subspace": "pca(n=12, d=4, k=2)",
    "clusters": "k-means(n=12, k=3)",
    "support vectors": "hinge(n=14, d=2, l2=0.1, intercept=false)",
    "network": "xor",
    "stacked": "xor(model=stacked)",
    "deep network": "network(n=9, hidden=[2, 2], l2=0.1)",
    "several classes": "network(data=rings, classes=3, n=9, hidden=2)",
    "curve": "curve(n=10)",
    **{name: f"landscape(function={name})" for name in ("rosenbrock", "booth", "rastrigin", "ackley")},
}


@dataclass(frozen=True)
class Claimed(SPDSystem):
    """A theta = b, said to be symmetric positive definite: the eigenvalues tell whether it is."""

    eigenvalues: tuple[float, ...]
    seed: int

    def __str__(self) -> str:
        shown = ", ".join(f"{value:g}" for value in self.eigenvalues)
        return f"a symmetric system with eigenvalues {shown} (random directions and right side, seed {self.seed})"

    @cached_property
    def parts(self) -> tuple[Matrix, Vector]:
        """A and b."""
        rng = np.random.default_rng(self.seed)
        size = len(self.eigenvalues)
        Q, _ = np.linalg.qr(rng.standard_normal((size, size)))
        A = (Q * self.eigenvalues) @ Q.T
        return (A + A.T) / 2, rng.standard_normal(size)

    @property
    def dim(self) -> int:
        """How many unknowns there are."""
        return len(self.eigenvalues)

    def system(self) -> tuple[Matrix, Vector]:
        A, b = self.parts
        return A.copy(), b.copy()


INDEFINITE = st.builds(
    lambda up, down, seed: Claimed((*up, *down), seed),
    st.lists(st.sampled_from([1.0, 2.0, 5.0]), min_size=1, max_size=4),
    st.lists(st.sampled_from([-1.0, -3.0]), min_size=1, max_size=2),
    SEEDS,
)
CLUSTERED = st.builds(
    lambda ones, others, seed: Claimed((*(1.0,) * ones, *others), seed),
    st.integers(2, 20),
    st.lists(st.sampled_from([3.0, 10.0, 40.0, 90.0]), min_size=1, max_size=4, unique=True),
    SEEDS,
)


@dataclass(frozen=True)
class Dominated(LinearSystem):
    """A theta = b of random entries, each diagonal entry `dominance` times the sum of its row's sizes."""

    size: int
    dominance: float
    seed: int

    def __str__(self) -> str:
        return f"a random system of {self.size} equations, diagonal {self.dominance:g} of the row, seed {self.seed}"

    @cached_property
    def parts(self) -> tuple[Matrix, Vector]:
        """A and b."""
        rng = np.random.default_rng(self.seed)
        A = rng.standard_normal((self.size, self.size))
        np.fill_diagonal(A, self.dominance * abs(A).sum(1))
        return A, rng.standard_normal(self.size)

    @property
    def dim(self) -> int:
        """How many unknowns there are."""
        return self.size

    def system(self) -> tuple[Matrix, Vector]:
        A, b = self.parts
        return A.copy(), b.copy()


DOMINATED = st.builds(Dominated, st.integers(2, 6), st.sampled_from([0.3, 0.6, 1.0, 3.0]), SEEDS)
LARGE = st.builds(
    "linear-regression(n={}, d={}, l1=1000, seed={})".format, st.integers(5, 30), st.integers(1, 4), SEEDS
)


class Gaussian(Objective):
    """f = |theta|^2 / (2 variance): what exp(-f) is the density of is known to the last digit."""

    def __init__(self, dim: int, variance: float) -> None:
        self._dim, self.variance, self.ledger = dim, variance, Ledger()

    def __str__(self) -> str:
        return f"a Gaussian density in {self._dim} dimensions of variance {self.variance:g}"

    @property
    def dim(self) -> int:
        return self._dim

    def value(self, theta: Vector) -> float:
        return float(theta @ theta) / (2 * self.variance)

    def sibling(self) -> Gaussian:
        return self
