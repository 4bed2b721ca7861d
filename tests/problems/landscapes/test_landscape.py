"""The landscapes against the textbook's formulas, in complex numbers."""

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


def near(spec: str, seed: int, scale: float) -> tuple[Any, np.ndarray, np.ndarray]:
    """The problem, a point and a direction."""
    on, rng = problem(spec), np.random.default_rng(seed)
    return on, scale * rng.standard_normal(on.dim), rng.standard_normal(on.dim)


@settings(max_examples=80)
@given(spec=st.sampled_from(SPECS), seed=SEEDS, scale=st.sampled_from([0.1, 1.0, 5.0]))
def test_values_are_the_textbook_s(spec: str, seed: int, scale: float) -> None:
    on, theta, _ = near(spec, seed, scale)
    exact = TEXTBOOK[on.function](theta)
    assert abs(on.value(theta) - exact) <= C * on.dim * EPS * (abs(exact) + 20)
    assert on.gap(theta) == on.value(theta) >= 0
    point = np.resize(FORMULAS[on.function].minimisers[-1], on.dim)
    assert on.value(point) <= 1e-28
    assert on.measures(point) == {"distance": 0.0}


@settings(max_examples=80)
@given(spec=st.sampled_from(SQUARES), seed=SEEDS, scale=st.sampled_from([0.1, 1.0, 5.0]))
def test_derivatives_by_complex_step(spec: str, seed: int, scale: float) -> None:
    on, theta, v = near(spec, seed, scale)
    ahead = theta + 1j * H * v
    f, g = on.value_and_gradient(theta)
    r, J = on.residual_and_jacobian(theta)
    Hv = on.hessian_product(theta)(v)
    size = 100 * (1 + abs(theta).max() ** 6)  # of what is summed
    for exact, found in (
        (TEXTBOOK[on.function](ahead).imag / H, g @ v),
        (on.value(ahead).imag / H, g @ v),
        (on.residual(ahead).imag / H, J @ v),
        (on.gradient(ahead).imag / H, Hv),
        (Hv, on.hessian(theta) @ v),
        (f, r @ r / 2),
        (g, J.T @ r),
    ):
        np.testing.assert_allclose(found, exact, rtol=0, atol=C * on.dim * EPS * size * max(abs(v).max(), 1))


@pytest.mark.parametrize("spec", SPECS)
def test_the_referee_knows_that_the_minimum_is_zero(spec: str) -> None:
    on = problem(spec)
    known = refer(on)
    assert abs(known.lower) <= 100 * EPS
    assert (known.spectrum is not None) == on.convex == ("booth" in spec)


def test_each_function_promises_what_holds_and_says_what_does_not() -> None:
    rosenbrock, booth, ackley = (problem(f"landscape(function={name})") for name in ("rosenbrock", "booth", "ackley"))
    assert missing(rosenbrock, (NonlinearLeastSquares,)) is None
    assert missing(booth, (SPDSystem, LeastSquares, NonlinearLeastSquares)) is None
    assert missing(ackley, (NonlinearLeastSquares,)) == (
        "it needs residuals with a Jacobian: ackley has no derivative at its minimum"
    )
    assert "not a quadratic" in str(missing(rosenbrock, (LinearSystem,)))
    assert "without data" in str(missing(rosenbrock, (FiniteSum,)))
    A, b = booth.system()
    np.testing.assert_allclose(np.linalg.solve(A, b), [1, 3], rtol=1e-14)
    np.testing.assert_allclose(np.linalg.lstsq(*booth.least_squares())[0], [1, 3], rtol=1e-14)


@pytest.mark.parametrize("spec", SPECS)
def test_it_starts_near_its_start_and_counts_evaluations(spec: str) -> None:
    on = problem(spec)
    classical = np.resize(FORMULAS[on.function].start, on.dim)
    plain = problem(spec.replace("landscape", "landscape(spread=0)") if "(" not in spec else spec[:-1] + ", spread=0)")
    np.testing.assert_array_equal(plain.start(np.random.default_rng(1)), classical)
    assert 0 < abs(on.start(np.random.default_rng(1)) - classical).max() < 0.6
    ledger = Ledger()
    asked = on.metered(ledger)
    asked.value(classical)
    assert (ledger.values, ledger.passes) == (1, 1.0)
    if isinstance(on, Smooth):
        asked.value_and_gradient(classical)
        asked.hessian(classical)
        asked.hessian_product(classical)(classical)
        assert ledger == Ledger(1, 1, 1, 1, 6.0)
    assert type(on.sibling()) is type(on)
    assert on.sibling().dim == 2


@pytest.mark.parametrize("spec", SPECS)
def test_it_is_not_finite_far_out_without_a_warning(spec: str) -> None:
    on = problem(spec)
    for far in (1e200, np.inf, np.nan):
        theta = np.full(on.dim, far)
        assert np.isfinite(on.value(theta)) == ("ackley" in spec and far == 1e200)
        if isinstance(on, Smooth):
            on.value_and_gradient(theta)
            on.hessian(theta)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("function=beale, d=3", "d is 3; beale is a function of two variables, and of more there are: rosenbrock"),
        ("d=1", "d is 1; it must be at least 2"),
        ("function=ackley, d=0", "d is 0; it must be at least 1"),
        ("spread=-1", "spread is -1.0; it must be zero or a positive number"),
        ("function=rosenbrok", "function is rosenbrok; input should be 'rosenbrock', 'himmelblau'"),
    ],
)
def test_refusals_are_sentences(given: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        problem(f"landscape({given})")
