"""Random search: the stationary distribution of sampling, the cooling of annealing, the minima that are found."""

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
from solvers.random_search.length_scale import length_scale
from solvers.random_search.markov import MetropolisHastings, SimulatedAnnealing, acceptance
from tests.helpers.small_problems import first_iterates, problem, reason_of_ending, reference

LOGS = st.floats(-2, 2)
METHODS: tuple[Any, ...] = (Genetic(), MetropolisHastings(), SimulatedAnnealing())


@dataclass
class Bowl(Objective):
    """f(theta) = sum_j (theta_j - centre)^2 / (2 variance_j), over theta_j >= 0 if it is constrained."""

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


@given(log_pi_x=LOGS, log_pi_y=LOGS, log_q_xy=LOGS, log_q_yx=LOGS)
def test_detailed_balance(log_pi_x: float, log_pi_y: float, log_q_xy: float, log_q_yx: float) -> None:
    forward = math.exp(log_pi_x + log_q_xy) * acceptance(log_pi_x, log_pi_y, log_q_xy, log_q_yx)
    backward = math.exp(log_pi_y + log_q_yx) * acceptance(log_pi_y, log_pi_x, log_q_yx, log_q_xy)
    assert abs(forward - backward) <= 8 * EPS * forward


def moments(seeds: int = 60, kept: int = 1000, **parameters: Any) -> float:
    """The largest z-score of the states' mean and variance on a Gaussian density; every seed gives one mean."""
    objective, temperature = Bowl(np.array([1.0, 4.0]), centre=1.0), 0.5
    method = MetropolisHastings(temperature, **parameters)
    means, variances = [], []
    for seed in range(seeds):
        states = first_iterates(method, objective, np.zeros(2), 500 + kept, seed)[500:]
        means.append(states.mean(0))
        variances.append(((states - objective.centre) ** 2).mean(0))
    z = [
        (np.mean(values, 0) - exact) / (np.std(values, 0, ddof=1) / math.sqrt(seeds))
        for values, exact in ((means, objective.centre), (variances, temperature * objective.variances))
    ]
    return float(abs(np.array(z)).max())


def test_states_have_the_mean_and_variance_of_the_density() -> None:
    assert moments(burn_in=500) <= 5
    assert moments(burn_in=0, width=1.5) <= 5


def test_an_inverted_acceptance_ratio_gives_other_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    correct = markov.acceptance
    monkeypatch.setattr(
        markov, "acceptance", lambda x, y, log_q_xy=0.0, log_q_yx=0.0: correct(y, x, log_q_yx, log_q_xy)
    )
    assert moments(burn_in=0, width=1.5) > 5


def test_the_width_is_constant_after_the_burn_in_and_accepts_the_target_rate() -> None:
    objective = Bowl(np.ones(5))
    states = first_iterates(MetropolisHastings(1.0), objective, np.zeros(5), 22_500)
    moved = np.any(np.diff(states[2500:], axis=0) != 0, axis=1)
    assert abs(moved.mean() - 0.234) < 0.1
    constant = MetropolisHastings(1.0, width=1e-3, burn_in=0)
    steps = np.diff(first_iterates(constant, objective, np.zeros(5), 5000), axis=0)
    assert abs(steps[np.any(steps != 0, axis=1)].std() / 1e-3 - 1) < 0.05


def test_annealing_without_cooling_is_metropolis_hastings_sampling() -> None:
    objective = problem("logistic(n=40, d=3)")
    hot = SimulatedAnnealing(0.1, cooling=1 - 1e-16, width=0.5)
    sampling = MetropolisHastings(0.1, width=0.5, burn_in=10**9)
    one, other = (first_iterates(method, objective, np.zeros(4), 700, 3) for method in (hot, sampling))
    np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("schedule", ["geometric", "logarithmic"])
def test_annealing_cools_by_its_schedule(schedule: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """T is computed from f/T, the logarithm of the density at a state where f is 1."""
    temperatures: list[float] = []

    def reject(log_pi_x: float, log_pi_y: float) -> float:
        temperatures.append(-1 / log_pi_x)
        return 0.0

    monkeypatch.setattr(markov, "acceptance", reject)
    method = SimulatedAnnealing(2.0, cooling=0.9, width=1.0, schedule=schedule)
    first_iterates(method, Bowl(np.array([0.5])), np.ones(1), 1023)
    k = np.arange(1023)
    exact = 2 * 0.9**k if schedule == "geometric" else 2 * math.log(2) / np.log(k + 2)
    np.testing.assert_allclose(temperatures[:1023], np.maximum(exact, 2 * EPS**2), rtol=1e-12)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("method", "spec"),
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
def test_it_finds_the_minimum_of_a_small_problem(method: Any, spec: str, seed: int) -> None:
    outcome = run_cell(problem(spec), method, seed, Rule(seconds=60.0, iterations=100_000), reference(spec))
    assert outcome.solved, outcome


def test_its_iterates_do_not_depend_on_units() -> None:
    """With 1024 times larger coefficients the iterates are 1024 times larger, because widths are computed from f."""
    for method in (Genetic(), SimulatedAnnealing()):
        one = first_iterates(method, Bowl(np.ones(2), 3.0), np.zeros(2), 40)
        other = first_iterates(method, Bowl(np.full(2, 2.0**20), 3072.0), np.zeros(2), 40)
        np.testing.assert_allclose(other, 1024 * one, rtol=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_it_never_leaves_the_feasible_set(method: Any) -> None:
    objective = Bowl(np.ones(3), centre=-1.0, constrained=True)
    states = first_iterates(method, objective, np.ones(3), 600)
    assert states.min() >= 0
    assert abs(states).min() < 0.05, "although the minimum of f alone is outside"


@pytest.mark.parametrize("method", METHODS)
def test_it_starts_from_a_point_where_f_is_not_a_number(method: Any) -> None:
    class Half(Bowl):
        def value(self, theta: Vector) -> float:
            return super().value(theta) if theta[0] > 1 else math.nan

    states = first_iterates(method, Half(np.ones(1), 2.0), np.zeros(1), 200, 1)
    assert states[-1][0] > 1


@given(scale=st.integers(-40, 40), seed=st.integers(0, 2**32))
def test_the_length_scale_is_about_the_distance_to_the_minimum_of_a_bowl(scale: int, seed: int) -> None:
    """Along u the minimum of |theta - c|^2 / 2 is at the distance u.c; a power of two is within a factor of 2."""
    objective = Bowl(np.ones(3), centre=2.0**scale)
    h, change = length_scale(objective, np.zeros(3), np.random.default_rng(seed))
    distance = math.sqrt(3) * 2.0**scale
    assert 1e-3 * distance < h <= 2 * distance
    assert 0 < change <= 2 * (h + distance) ** 2


def test_the_length_scale_is_finite_if_f_decreases_without_end() -> None:
    h, _ = length_scale(problem("xor"), problem("xor").start(np.random.default_rng(0)), np.random.default_rng(0))
    assert h < 2**12


def test_a_generation_is_never_worse_than_the_last_and_ends_when_all_members_are_equal() -> None:
    objective = Bowl(np.ones(2), 1.0)
    method = Genetic(mutation=0.0, blend=0.0)
    values = [objective.value(theta) for theta in first_iterates(method, objective, np.zeros(2), 2000)]
    assert "equal" in reason_of_ending(method, objective, np.zeros(2), 2000)
    assert len(values) < 2000
    assert values == sorted(values, reverse=True)


def test_parameters_outside_their_range_are_refused() -> None:
    for build in (
        lambda: MetropolisHastings(temperature=0.0),
        lambda: MetropolisHastings(width=-1.0),
        lambda: SimulatedAnnealing(cooling=1.0),
        lambda: SimulatedAnnealing(cooling=0.0),
        lambda: Genetic(population=1),
        lambda: Genetic(population=5, elite=5),
        lambda: Genetic(blend=-0.1),
    ):
        with pytest.raises(ValueError, match="it must be"):
            build()
