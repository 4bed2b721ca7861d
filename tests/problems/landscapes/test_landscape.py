"""Test functions against the textbook's formulas, in complex numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import SpecError
from problems.forms import (
    FiniteSum,
    LeastSquares,
    Ledger,
    LinearSystem,
    NonlinearLeastSquares,
    Smooth,
    SPDSystem,
    missing,
)
from problems.foundation.arrays import EPS
from problems.landscapes.formulas import FORMULAS
from tests.helpers.small_problems import problem

H = 1e-30
C = 30
SEEDS = st.integers(0, 2**32)
TEXTBOOK: dict[str, Any] = {
    "rosenbrock": lambda t: np.sum(100 * (t[1:] - t[:-1] ** 2) ** 2 + (1 - t[:-1]) ** 2),
    "himmelblau": lambda t: (t[0] ** 2 + t[1] - 11) ** 2 + (t[0] + t[1] ** 2 - 7) ** 2,
    "beale": lambda t: sum((c - t[0] + t[0] * t[1] ** k) ** 2 for k, c in enumerate((1.5, 2.25, 2.625), start=1)),
    "booth": lambda t: (t[0] + 2 * t[1] - 7) ** 2 + (2 * t[0] + t[1] - 5) ** 2,
    "rastrigin": lambda t: np.sum(t**2 + 10 - 10 * np.cos(2 * np.pi * t)),
    "ackley": lambda t: 20 - 20 * np.exp(-np.sqrt(np.mean(t**2)) / 5) + np.e - np.exp(np.mean(np.cos(2 * np.pi * t))),
}
SPECS = [
    *(f"landscape(function={name})" for name in FORMULAS),
    "landscape(d=5)",
    "landscape(function=rastrigin, d=1)",
    "landscape(function=rastrigin, d=4)",
    "landscape(function=ackley, d=4)",
]
SQUARES = [spec for spec in SPECS if "ackley" not in spec]


def with_random_point(spec: str, seed: int, scale: float) -> tuple[Any, np.ndarray, np.ndarray]:
    """The problem, a point and a direction."""
    function, rng = problem(spec), np.random.default_rng(seed)
    return function, scale * rng.standard_normal(function.dim), rng.standard_normal(function.dim)


@settings(max_examples=80)
@given(spec=st.sampled_from(SPECS), seed=SEEDS, scale=st.sampled_from([0.1, 1.0, 5.0]))
def test_values_agree_with_the_textbook(spec: str, seed: int, scale: float) -> None:
    function, theta, _ = with_random_point(spec, seed, scale)
    exact = TEXTBOOK[function.function](theta)
    assert abs(function.value(theta) - exact) <= C * function.dim * EPS * (abs(exact) + 20)
    assert function.gap(theta) == function.value(theta) >= 0
    point = np.resize(FORMULAS[function.function].minimisers[-1], function.dim)
    assert function.value(point) <= 1e-28
    assert function.measures(point) == {"distance": 0.0}


@settings(max_examples=80)
@given(spec=st.sampled_from(SQUARES), seed=SEEDS, scale=st.sampled_from([0.1, 1.0, 5.0]))
def test_derivatives_by_complex_step(spec: str, seed: int, scale: float) -> None:
    function, theta, v = with_random_point(spec, seed, scale)
    complex_step = theta + 1j * H * v
    f, g = function.value_and_gradient(theta)
    r, J = function.residual_and_jacobian(theta)
    Hv = function.hessian_product(theta)(v)
    size = 100 * (1 + abs(theta).max() ** 6)  # of the terms in the sums
    for exact, computed in (
        (TEXTBOOK[function.function](complex_step).imag / H, g @ v),
        (function.value(complex_step).imag / H, g @ v),
        (function.residual(complex_step).imag / H, J @ v),
        (function.gradient(complex_step).imag / H, Hv),
        (Hv, function.hessian(theta) @ v),
        (f, r @ r / 2),
        (g, J.T @ r),
    ):
        np.testing.assert_allclose(computed, exact, rtol=0, atol=C * function.dim * EPS * size * max(abs(v).max(), 1))


@pytest.mark.parametrize("spec", SPECS)
def test_the_referee_knows_that_the_minimum_is_zero(spec: str) -> None:
    function = problem(spec)
    known = refer(function)
    assert abs(known.lower) <= 100 * EPS
    assert (known.spectrum is not None) == function.convex == ("booth" in spec)


def test_each_function_has_its_forms_and_says_what_is_missing() -> None:
    rosenbrock, booth, ackley = (problem(f"landscape(function={name})") for name in ("rosenbrock", "booth", "ackley"))
    assert missing(rosenbrock, (NonlinearLeastSquares,)) is None
    assert missing(booth, (SPDSystem, LeastSquares, NonlinearLeastSquares)) is None
    assert missing(ackley, (NonlinearLeastSquares,)) == (
        "it needs residuals with a Jacobian: ackley has no derivative at its minimum"
    )
    assert "rosenbrock is not a quadratic" in str(missing(rosenbrock, (LinearSystem,)))
    assert "f is a formula without data" in str(missing(rosenbrock, (FiniteSum,)))
    A, b = booth.system()
    np.testing.assert_allclose(np.linalg.solve(A, b), [1, 3], rtol=1e-14)
    np.testing.assert_allclose(np.linalg.lstsq(*booth.least_squares())[0], [1, 3], rtol=1e-14)


@pytest.mark.parametrize("spec", SPECS)
def test_it_starts_near_its_start_and_charges_evaluations(spec: str) -> None:
    function = problem(spec)
    classical = np.resize(FORMULAS[function.function].start, function.dim)
    plain = problem(spec.replace("landscape", "landscape(spread=0)") if "(" not in spec else spec[:-1] + ", spread=0)")
    np.testing.assert_array_equal(plain.start(np.random.default_rng(1)), classical)
    assert 0 < abs(function.start(np.random.default_rng(1)) - classical).max() < 0.6
    ledger = Ledger()
    metered = function.metered(ledger)
    metered.value(classical)
    assert (ledger.values, ledger.passes) == (1, 1.0)
    if isinstance(function, Smooth):
        metered.value_and_gradient(classical)
        metered.hessian(classical)
        metered.hessian_product(classical)(classical)
        assert ledger == Ledger(1, 1, 1, 1, 6.0)
    assert type(function.sibling()) is type(function)
    assert function.sibling().dim == 2


@pytest.mark.parametrize("spec", SPECS)
def test_overflow_gives_no_warning(spec: str) -> None:
    function = problem(spec)
    for far in (1e200, np.inf, np.nan):
        theta = np.full(function.dim, far)
        assert np.isfinite(function.value(theta)) == ("ackley" in spec and far == 1e200)
        if isinstance(function, Smooth):
            function.value_and_gradient(theta)
            function.hessian(theta)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        (
            "function=beale, d=3",
            "d is 3, but beale is a function of two variables; functions of more are: rosenbrock, rastrigin, ackley",
        ),
        ("d=1", "d is 1; it must be at least 2"),
        ("function=ackley, d=0", "d is 0; it must be at least 1"),
        ("spread=-1", "spread is -1.0; it must be zero or a positive number"),
        ("function=rosenbrok", "function is rosenbrok; input should be 'rosenbrock', 'himmelblau'"),
    ],
)
def test_refusals_are_sentences(parameters: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        problem(f"landscape({parameters})")


def test_beale_decreases_along_a_valley_without_a_minimum() -> None:
    """As the docstring of `landscape` states."""
    beale = problem("landscape(function=beale)")
    lowest = [
        min(beale.value(np.array([a, 1 + s / a])) for s in np.linspace(-2, 2, 4001)) for a in (-10.0, -100.0, -1e4)
    ]
    assert lowest[0] > lowest[1] > lowest[2] > 0.45
    assert lowest[2] == pytest.approx(0.452, abs=1e-3)
