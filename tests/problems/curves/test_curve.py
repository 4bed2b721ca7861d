"""Curves through points: derivatives by complex steps, NIST's certified answers, and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import SpecError, build, parse
from problems import TABLE
from problems.curves.curve import Curve, curve
from problems.data.readers.nist import read_nist
from problems.forms import LeastSquares, Ledger, missing
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from tests.helpers.small_problems import flat, solver

H = 1e-30
C = 30
FOLDER = Path(__file__).resolve().parents[2] / "shared" / "nist" / "nonlinear"
FILES = sorted(FOLDER.glob("*.dat"))
SEEDS = st.integers(0, 2**32)
MODELS = (
    "b1*(1 - exp(-b2*x))",
    "b1*x**b2 + b3",
    "(b1 + b2*x)/(1 + b3*x**2)",
    "b1 - b2*x - arctan(b3/(x + 7))/pi",
    "b1*exp(-(x - b2)**2/(1 + b3**2))*cos(x*b4)",
    "b1 + maximum(b2*x, b3)*tanh(x)",
)


def spec(text: str) -> Any:
    return build(parse(text), TABLE)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A person's own file: two predictors, rows repeated, the target in the middle."""
    path = tmp_path_factory.mktemp("own") / "growth.csv"
    rng = np.random.default_rng(3)
    hours, dose = np.repeat(rng.uniform(0, 5, 12), 2), np.repeat(rng.uniform(1, 3, 12), 2)
    mass = 4 * dose / (1 + np.exp(1 - 0.8 * hours)) + 0.1 * rng.standard_normal(24)
    rows = [f"{float(h)!r},{float(m)!r},{float(d)!r}" for h, m, d in zip(hours, mass, dose, strict=True)]
    path.write_text("\n".join(["hours,mass,dose", *rows]) + "\n")
    return path


@settings(max_examples=100)
@given(formula=st.sampled_from(MODELS), seed=SEEDS, scale=st.sampled_from([0.3, 1.0]))
def test_derivatives_by_complex_step(formula: str, seed: int, scale: float) -> None:
    on = curve(formula, n=15)
    rng = np.random.default_rng(seed)
    theta, v = scale * rng.standard_normal(on.dim), rng.standard_normal(on.dim)
    ahead = theta + 1j * H * v
    f, g = on.value_and_gradient(theta)
    r, J = on.residual_and_jacobian(theta)
    Hv = on.hessian_product(theta)(v)
    size = (
        (1 + abs(r).max()) * (1 + abs(J).max()) ** 2 * (1 + abs(v).max()) + abs(Hv).max() + abs(on.hessian(theta)).max()
    )
    for exact, found in (
        (on.value(ahead).imag / H, g @ v),
        (on.residual(ahead).imag / H, J @ v),
        (on.gradient(ahead).imag / H, Hv),
        (on.hessian(theta) @ v, Hv),
        (r @ r / 2, f),
        (J.T @ r, g),
        (on.value(theta), f),
        (on.batch_gradient(theta, np.arange(15)), g),
    ):
        np.testing.assert_allclose(found, exact, rtol=0, atol=C * on.n * EPS * size)


def solved(on: Curve, method: str, most: int = 2000) -> float:
    """The residual sum of squares where a solver ends."""
    with np.errstate(all="ignore"):
        found = flat(solver(method).iterate(on, on.start(np.random.default_rng(0)), np.random.default_rng(0)), most)
    return 2 * on.n * on.value(found[-1])


def peer(on: Curve, method: str) -> float:
    """The same of a black box that runs once."""
    rng = np.random.default_rng(0)
    lap = solver(method).run(on, on.start(rng), rng, 2000, lambda theta: None)
    return 2 * on.n * on.value(lap.theta)


@pytest.mark.skipif(not FILES, reason=f"NIST's nonlinear files are not in {FOLDER}")
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nist_s_answers_are_found(path: Path) -> None:
    known, on = read_nist(path), curve(file=str(path), start=2)
    np.testing.assert_allclose(2 * on.n * on.value(known.certified), known.residual_sum, rtol=1e-8)
    for found in (
        solved(on, "gauss-newton"),
        solved(on, "levenberg-marquardt"),
        peer(on, "scipy-least-squares"),
    ):
        assert abs(found - known.residual_sum) <= 1e-6 * known.residual_sum
    far = curve(file=str(path), start=1)
    if known.name != "BoxBOD":  # whose first step leads to a plateau from which f falls for ever
        assert abs(solved(far, "levenberg-marquardt") - known.residual_sum) <= 1e-6 * known.residual_sum
    at = on.measures(known.certified)
    assert at["digits"] == 15
    assert at["residual sum of squares"] == pytest.approx(known.residual_sum, rel=1e-8)
    assert on.about.certified == tuple(known.certified)
    reference = refer(on)
    assert 0 <= reference.lower <= on.value(known.certified) <= reference.upper * (1 + 1e-6)


@pytest.mark.skipif(not FILES, reason=f"NIST's nonlinear files are not in {FOLDER}")
def test_a_formula_beside_nist_s_must_have_its_parameters() -> None:
    file = str(FOLDER / "Misra1a.dat")
    ours, its = spec(f'curve(formula="b1*(1-exp(-b2*x))", file="{file}")'), curve(file=file)
    assert ours.value(ours.begin) == its.value(its.begin)
    np.testing.assert_array_equal(its.begin, [500, 0.0001])
    np.testing.assert_array_equal(curve(file=file, start="b2=3, b1=-1").begin, [-1, 3])
    with pytest.raises(
        SpecError, match=r"parameters are a, b2, and those of Misra1a are b1, b2; its own formula is b1"
    ):
        spec(f'curve(formula="a*(1-exp(-b2*x))", file="{file}")')
    with pytest.raises(SpecError, match="start is 3; 1, 2, or values"):
        spec(f'curve(file="{file}", start=3)')
    nelson = curve(file=str(FOLDER / "Nelson.dat"))
    np.testing.assert_array_equal(nelson.y, np.log(read_nist(FOLDER / "Nelson.dat").y))
    assert "the response is log(y)" in nelson.about.notes


def test_own_rows_and_what_is_proven_of_them(own: Path) -> None:
    on = spec(f'curve(formula="top*dose/(1 + exp(a - b*hours))", file="{own}", target=mass)')
    assert (on.parameters, set(on.columns), on.n) == (("top", "a", "b"), {"hours", "dose"}, 24)
    f = solved(on, "levenberg-marquardt") / 48
    pairs = on.y.reshape(-1, 2)
    floor = np.sum((pairs[:, 0] - pairs[:, 1]) ** 2) / 2 / 48  # rows in pairs get one prediction
    theta = np.array([4.0, 1.0, 0.8])
    np.testing.assert_allclose(on.value(theta) - on.gap(theta), floor, rtol=1e-12)
    known = refer(on)
    assert 0 < known.lower <= floor
    assert abs(known.upper - f) <= 1e-9 * f
    np.testing.assert_allclose(on.predict(theta, {"hours": np.array([1.25]), "dose": np.array([2.0])}), 8 / (1 + 1))
    assert curve().gap(np.ones(2)) == curve().value(np.ones(2))


def test_promises_starts_and_the_ledger() -> None:
    on = curve(n=20, spread=0.1)
    assert "not known to be linear" in str(missing(on, (LeastSquares,)))
    starts = [on.start(np.random.default_rng(seed)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(starts[0], starts[1])
    assert abs(starts[0] - starts[2]).max() > 0
    ledger = Ledger()
    asked = on.metered(ledger)
    asked.residual_and_jacobian(starts[0])
    asked.batch_gradient(starts[0], np.arange(5))
    assert (ledger.gradients, ledger.passes) == (2, 1.25)


def test_it_is_not_finite_far_out_without_a_warning() -> None:
    on = curve()
    for far in (np.array([1.0, -1e3]), np.array([np.nan, 1.0]), np.array([1.0, np.inf])):
        assert not np.isfinite(on.value(far))
        on.value_and_gradient(far)
        on.residual_and_jacobian(far)
        on.hessian(far)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ('formula="b1*x.real"', "a dot after a name in column 4"),
        ('formula="b1*sum(x)"', "the formula has sum, which joins rows"),
        ('formula="b1*b2"', "the formula names no column; there are: x"),
        ('formula="x**2"', "the formula has no parameter"),
        ('formula="b*x + y"', "the formula names y, which is what it is to predict"),
        ('formula="b*log(x - 1000)"', "no finite value at the start, b=1, in every row"),
        ('start="b1=1"', "start leaves out b2"),
        ('start="b1=1, b1=2"', "start gives b1 twice"),
        ('start="b1=one, b2=2"', "start has 'one' for b1; a finite number"),
        ('start="b1=inf, b2=2"', "start has 'inf' for b1; a finite number"),
        ('start="c=1"', "start names 'c', which is no parameter"),
        ("start=1", "only a file of NIST's has numbered starts"),
        ("target=y", "target is for a file"),
        ("n=1", "n is 1; it must be at least 2"),
        ("noise=-1", "noise is -1.0; it must be zero"),
        ('file="rows.csv"', "formula is missing"),
        ('file="rows.csv", formula="b*x", n=9', "n is for synthetic data"),
    ],
)
def test_refusals_are_sentences(given: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        spec(f"curve({given})")


def test_files_that_cannot_be_used(own: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.csv cannot be read"):
        curve("b*x", str(tmp_path / "absent.csv"))
    with pytest.raises(DataError, match="did you mean dose"):
        curve("b*hours", str(own), target="dos")
    broken = tmp_path / "broken.dat"
    broken.write_text("NIST/ITL StRD\n")
    with pytest.raises(DataError, match="names no procedure"):
        curve(file=str(broken))
