"""Solvers that go by chance: each has the distribution, or the descent, that it says it has."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.lab.run.cell import run_cell
from experiments.lab.run.stopping import Rule
from problems.forms import Ledger, Objective
from problems.foundation.arrays import EPS, Vector
from solvers.random_search import markov
from solvers.random_search.genetic import Genetic
from solvers.random_search.length_scale import reach
from solvers.random_search.markov import MetropolisHastings, SimulatedAnnealing, acceptance
from tests.helpers.small_problems import flat, problem, reference

LOGS = st.floats(-2, 2)
WALKERS = (Genetic(), MetropolisHastings(), SimulatedAnnealing())


@dataclass
class Bowl(Objective):
    """f(theta) = sum_j (theta_j - centre)^2 / (2 variance_j), theta_j >= 0 where so constrained."""

    variances: Vector
    centre: float = 0.0
    constrained: bool = False
    ledger: Ledger = field(default_factory=Ledger)

    @property
    def dim(self) -> int:
        return self.variances.size

    def value(self, theta: Vector) -> float:
        self.ledger.values += 1
        return float((((theta - self.centre) ** 2) / self.variances).sum() / 2)

    def violation(self, theta: Vector) -> float:
        return max(-float(theta.min()), 0.0) if self.constrained else 0.0

    def sibling(self) -> Self:
        return self


@given(pi_x=LOGS, pi_y=LOGS, q_xy=LOGS, q_yx=LOGS)
def test_detailed_balance(pi_x: float, pi_y: float, q_xy: float, q_yx: float) -> None:
    there = math.exp(pi_x + q_xy) * acceptance(pi_x, pi_y, q_xy, q_yx)
    back = math.exp(pi_y + q_yx) * acceptance(pi_y, pi_x, q_yx, q_xy)
    assert abs(there - back) <= 8 * EPS * there


def moments(seeds: int = 100, kept: int = 2000, **chain: Any) -> float:
    """The largest z of mean and variance of the chain's states on a Gaussian; a batch is a seed's chain."""
    on, temperature = Bowl(np.array([1.0, 4.0]), centre=1.0), 0.5
    walker = MetropolisHastings(temperature, **chain)
    means, variances = [], []
    for seed in range(seeds):
        states = np.array(flat(walker.iterate(on, np.zeros(2), np.random.default_rng(seed)), 500 + kept)[500:])
        means.append(states.mean(0))
        variances.append(((states - on.centre) ** 2).mean(0))
    z = [
        (np.mean(seen, 0) - exact) / (np.std(seen, 0, ddof=1) / math.sqrt(seeds))
        for seen, exact in ((means, on.centre), (variances, temperature * on.variances))
    ]
    return float(abs(np.array(z)).max())


def test_states_have_the_mean_and_variance_of_the_density() -> None:
    assert moments(burn_in=500) <= 5
    assert moments(burn_in=0, width=1.5) <= 5


def test_a_chain_with_the_ratio_upside_down_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    upright = markov.acceptance
    monkeypatch.setattr(markov, "acceptance", lambda x, y, q_xy=0.0, q_yx=0.0: upright(y, x, q_yx, q_xy))
    assert not moments(burn_in=0, width=1.5) <= 5


def test_the_width_is_held_after_the_burn_in_and_accepts_what_it_was_tuned_to() -> None:
    on = Bowl(np.ones(5))
    states = np.array(flat(MetropolisHastings(1.0).iterate(on, np.zeros(5), np.random.default_rng(0)), 22_500))
    moved = np.any(np.diff(states[2500:], axis=0) != 0, axis=1)
    assert abs(moved.mean() - 0.234) < 0.1
    still = MetropolisHastings(1.0, width=1e-3, burn_in=0)
    steps = np.diff(flat(still.iterate(on, np.zeros(5), np.random.default_rng(0)), 5000), axis=0)
    assert abs(steps[np.any(steps != 0, axis=1)].std() / 1e-3 - 1) < 0.05


def test_annealing_that_does_not_cool_is_the_chain() -> None:
    on = problem("logistic(n=40, d=3)")
    hot = SimulatedAnnealing(0.1, cooling=1 - 1e-16, width=0.5)
    chain = MetropolisHastings(0.1, width=0.5, burn_in=10**9)
    one, other = (flat(s.iterate(on, np.zeros(4), np.random.default_rng(3)), 700) for s in (hot, chain))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("schedule", ["geometric", "logarithmic"])
def test_annealing_cools_by_its_schedule(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen from the ratios that it asks about: f/T at a state where f is 1."""
    asked: list[float] = []

    def note(pi_x: float, pi_y: float) -> float:
        asked.append(-1 / pi_x)
        return 0.0

    monkeypatch.setattr(markov, "acceptance", note)
    cooled = SimulatedAnnealing(2.0, cooling=0.9, width=1.0, schedule=schedule)
    flat(cooled.iterate(Bowl(np.array([0.5])), np.ones(1), np.random.default_rng(0)), 1023)
    k = np.arange(1023)
    exact = 2 * 0.9**k if schedule == "geometric" else 2 * math.log(2) / np.log(k + 2)
    np.testing.assert_allclose(asked[:1023], np.maximum(exact, 2 * EPS**2), rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("walker", "spec"),
    [
        (Genetic(), "linear-regression(n=30, d=3)"),
        (Genetic(), "linear-regression(n=30, d=3, l1=0.1)"),
        (Genetic(), "linear-regression(n=30, d=3, nonnegative=true)"),
        (Genetic(), "linear-regression(n=60, d=20, nonnegative=true)"),
        (Genetic(), "landscape"),
        (SimulatedAnnealing(), "linear-regression(n=30, d=3)"),
        (SimulatedAnnealing(), "linear-regression(n=30, d=3, nonnegative=true)"),
        (SimulatedAnnealing(), "logistic(n=40, d=3, l2=0.1, intercept=false)"),
        (SimulatedAnnealing(), "xor"),
    ],
)
def test_it_finds_the_minimum_of_a_small_f(walker: Any, spec: str, seed: int) -> None:
    outcome = run_cell(problem(spec), walker, seed, Rule(seconds=60.0, iterations=100_000), reference(spec))
    assert outcome.status == "solved", outcome


def test_its_minimum_does_not_depend_on_units() -> None:
    """Coefficients a thousand times as large, and f: the same walk, for widths are found from f."""
    for walker in (Genetic(), SimulatedAnnealing()):
        one = flat(walker.iterate(Bowl(np.ones(2), 3.0), np.zeros(2), np.random.default_rng(0)), 40)
        other = flat(walker.iterate(Bowl(np.full(2, 2.0**20), 3072.0), np.zeros(2), np.random.default_rng(0)), 40)
        np.testing.assert_allclose(np.array(other), 1024 * np.array(one), rtol=1e-9)


@pytest.mark.parametrize("walker", WALKERS)
def test_it_never_leaves_the_set_that_f_is_minimised_over(walker: Any) -> None:
    on = Bowl(np.ones(3), centre=-1.0, constrained=True)
    states = np.array(flat(walker.iterate(on, np.ones(3), np.random.default_rng(0)), 600))
    assert states.min() >= 0
    assert abs(states).min() < 0.05, "though the minimum of f alone lies outside"


@pytest.mark.parametrize("walker", WALKERS)
def test_it_starts_even_where_f_is_not_a_number(walker: Any) -> None:
    class Half(Bowl):
        def value(self, theta: Vector) -> float:
            return super().value(theta) if theta[0] > 1 else math.nan

    states = flat(walker.iterate(Half(np.ones(1), 2.0), np.zeros(1), np.random.default_rng(1)), 200)
    assert states[-1][0] > 1


@given(scale=st.integers(-40, 40), seed=st.integers(0, 2**32))
def test_reach_is_about_the_way_to_the_minimum_of_a_bowl(scale: int, seed: int) -> None:
    """Along u the minimum of |theta - c|^2 / 2 is u.c away; a power of two is at most half or double."""
    on = Bowl(np.ones(3), centre=2.0**scale)
    h, change = reach(on, np.zeros(3), np.random.default_rng(seed))
    distance = math.sqrt(3) * 2.0**scale
    assert 1e-3 * distance < h <= 2 * distance
    assert 0 < change <= 2 * (h + distance) ** 2


def test_reach_ends_where_f_falls_for_ever() -> None:
    h, _ = reach(problem("xor"), problem("xor").start(np.random.default_rng(0)), np.random.default_rng(0))
    assert h < 2**12


def test_a_generation_is_never_worse_than_the_one_before_and_ends_when_all_are_one() -> None:
    on = Bowl(np.ones(2), 1.0)
    run = Genetic(mutation=0.0, blend=0.0).iterate(on, np.zeros(2), np.random.default_rng(0))
    values = [on.value(theta) for theta in flat(run, 2000)]
    assert len(values) < 2000
    assert values == sorted(values, reverse=True)


def test_numbers_that_make_no_sense_are_refused() -> None:
    for wrong in (
        lambda: MetropolisHastings(temperature=0.0),
        lambda: MetropolisHastings(width=-1.0),
        lambda: SimulatedAnnealing(cooling=1.0),
        lambda: SimulatedAnnealing(cooling=0.0),
        lambda: Genetic(population=1),
        lambda: Genetic(population=5, elite=5),
        lambda: Genetic(blend=-0.1),
    ):
        with pytest.raises(ValueError, match="it must be"):
            wrong()
