"""The search for a curve's minimum, on curves whose parameters are known, in all units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import solverlab as lab
from experiments.lab.reference.referee import refer
from experiments.lab.run.outcome import Status
from problems.curves.draws import linear_parameters
from problems.curves.problem import curve
from problems.data.arrays import Arrays
from solvers.base.driving import last_iterate
from solvers.second_order.gauss_newton import LevenbergMarquardt

CASES = Path(__file__).parents[5] / "shared" / "cases"
Draw = Callable[[np.random.Generator, float, float], dict[str, float]]
FORMULAS: dict[str, Draw] = {
    "k/(1 + exp(-r*(x1 - m)))": lambda g, x, y: {"k": y, "r": g.uniform(5, 20) / x, "m": g.uniform(0.2, 0.8) * x},
    "a*exp(b*x1) + c": lambda g, x, y: {"a": g.uniform(0.01, 1) * y, "b": g.uniform(-6, 6) / x, "c": y},
    "a*exp(-(x1 - m)**2/w**2)": lambda g, x, y: {"a": y, "m": g.uniform(0, 1) * x, "w": g.uniform(0.05, 0.3) * x},
    "a*sin(k*x1 + t)": lambda g, x, y: {"a": y, "k": g.uniform(3, 60) / x, "t": g.uniform(-3, 3)},
    "a*x1**n/(h**n + x1**n)": lambda g, x, y: {"a": y, "n": g.uniform(1, 5), "h": g.uniform(0.2, 0.7) * x},
}


@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("seed", range(3))
def test_f_of_the_reference_is_no_larger_than_where_a_descent_from_the_truth_ends(formula: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    width, height = 10 ** rng.uniform(-3, 3, 2)
    x = np.sort(rng.uniform(0.01, 1, (60, 1)), axis=0) * width
    truth = FORMULAS[formula](rng, width, height)
    exact = curve(Arrays(x, x[:, 0]), formula)
    theta = np.array([truth[name] for name in exact.parameters])
    signal = exact.predict(theta, exact.columns)
    problem = curve(Arrays(x, signal + 0.05 * signal.std() * rng.standard_normal(60)), formula)
    known = refer(problem)
    assert known.goal <= problem.value(last_iterate(LevenbergMarquardt(), problem, theta, 500)) * (1 + 1e-9)
    assert known.lower <= known.upper == pytest.approx(known.goal)


@pytest.mark.parametrize(
    ("formula", "linear"),
    [
        ("a*exp(-b*x1) + c", ("a", "c")),
        ("a*b*x1 + c", ("a", "c")),
        ("a/(b + x1)", ("a",)),
        ("exp(a + b*x1)", ()),
        ("a + b*x1 + c*x1**2", ("a", "b", "c")),
    ],
)
def test_linear_parameters_are_those_that_a_least_squares_problem_can_find(formula: str, linear: tuple[str]) -> None:
    x = np.linspace(1, 2, 9)[:, None]
    assert linear_parameters(curve(Arrays(x, x[:, 0]), formula)) == linear


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not beside this checkout")
@pytest.mark.parametrize(
    ("formula", "file", "start", "f"),
    [
        ("a*exp(-b*x)+c", "cases_by_day.csv", "", 9098.894755),
        ("k/(1+exp(-r*(x-m)))", "cases_by_day.csv", "", 13.648175),
        ("a*sin(k*x+t)", "wave.csv", ', start="a=7, k=0.2, t=0"', 1.0761372),
        ("a*exp(-(x-m)**2/w**2)", "bump_large.csv", ', start="a=1, m=0, w=1"', 3.6532e-4),
    ],
)
def test_known_minima_of_files_are_found(formula: str, file: str, start: str, f: float) -> None:
    known = refer(lab.problem(f'curve(formula="{formula}", file="{CASES / file}"{start})'))
    assert known.goal == pytest.approx(f, rel=1e-5)


def test_a_run_that_ends_above_the_lowest_f_is_local_and_says_what_it_is_worth() -> None:
    x = np.linspace(0, 1, 40)[:, None]
    wave = curve(Arrays(x, np.sin(40 * x[:, 0])), "a*sin(k*x1)", "a=1, k=10")
    outcome = lab.measure(wave, "levenberg-marquardt")
    assert outcome.status is Status.LOCAL
    f = wave.value(np.array(outcome.theta))
    assert outcome.reason.startswith(f"a stationary point with f {f:.6g}; the lowest known is 0")
    flat = curve(Arrays(x + 0.5, np.exp(3 * x[:, 0])), "c + a*exp(-b*x1)", "a=0, b=1e4, c=1")
    outcome = lab.measure(flat, "levenberg-marquardt")
    assert outcome.status is Status.LOCAL
    assert outcome.reason.endswith("it is no better than a constant answer")


def test_a_local_network_says_how_many_rows_are_right() -> None:
    """Two sigmoid units on XOR: besides 0 there are stationary points at ln 2 / 2 and (3 ln 3 - 2 ln 2) / 4."""
    problem = lab.problem("xor(hidden=2, activation=sigmoid)")
    ends = [lab.measure(problem, "newton-cg", seed=seed) for seed in range(12)]
    local = [outcome for outcome in ends if outcome.status is Status.LOCAL]
    levels = {np.log(2) / 2, (3 * np.log(3) - 2 * np.log(2)) / 4, np.log(2)}
    assert local
    for outcome in local:
        assert min(abs(outcome.gap * np.log(2) - level) for level in levels) < 1e-3, outcome.reason
        assert "of 4 rows are right" in outcome.reason
