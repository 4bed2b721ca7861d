"""Curve fitting: derivatives by complex steps, NIST's certified answers, and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.lab.reference.referee import refer
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import SpecError, parse
from problems.curves.curve import Curve
from problems.curves.problem import curve
from problems.data.arrays import Arrays
from problems.data.files import Nist, Table
from problems.data.readers.nist import read_nist
from problems.data.source import RowSource
from problems.data.synthetic.shapes import Moons
from problems.data.synthetic.signals import PiecewiseConstant, Saturation
from problems.forms import LeastSquares, Ledger, missing
from problems.foundation.arrays import EPS
from problems.foundation.checks import DataError
from solvers.base.driving import last_iterate
from tests.helpers.nist_files import FOLDER as NIST
from tests.helpers.nist_files import NONLINEAR
from tests.helpers.small_problems import solver

pytestmark = pytest.mark.xdist_group("curve")  # its tests share a run

H = 1e-30
C = 30
FOLDER = NIST / "nonlinear"
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


def built(spec: str) -> Any:
    return build_problem(parse(spec))


@pytest.fixture(scope="module")
def user_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's file: two predictors, each row twice with another target, the target in the middle."""
    path = tmp_path_factory.mktemp("user") / "growth.csv"
    rng = np.random.default_rng(3)
    hours, dose = np.repeat(rng.uniform(0, 5, 12), 2), np.repeat(rng.uniform(1, 3, 12), 2)
    mass = 4 * dose / (1 + np.exp(1 - 0.8 * hours)) + 0.1 * rng.standard_normal(24)
    rows = [f"{float(h)!r},{float(m)!r},{float(d)!r}" for h, m, d in zip(hours, mass, dose, strict=True)]
    path.write_text("\n".join(["hours,mass,dose", *rows]) + "\n")
    return path


@settings(max_examples=100)
@given(formula=st.sampled_from(MODELS), seed=SEEDS, scale=st.sampled_from([0.3, 1.0]))
def test_derivatives_by_complex_step(formula: str, seed: int, scale: float) -> None:
    problem = curve(Saturation(n=15), formula)
    rng = np.random.default_rng(seed)
    theta, v = scale * rng.standard_normal(problem.dim), rng.standard_normal(problem.dim)
    complex_step = theta + 1j * H * v
    f, g = problem.value_and_gradient(theta)
    r, J = problem.residual_and_jacobian(theta)
    Hv = problem.hessian_product(theta)(v)
    second = problem.hessian(theta)
    size = (1 + abs(r).max()) * (1 + abs(J).max()) ** 2 * (1 + abs(v).max()) + abs(Hv).max() + abs(second).max()
    for exact, computed in (
        (problem.value(complex_step).imag / H, g @ v),
        (problem.residual(complex_step).imag / H, J @ v),
        (problem.gradient(complex_step).imag / H, Hv),
        (second @ v, Hv),
        (r @ r / 2, f),
        (J.T @ r, g),
        (problem.value(theta), f),
        (problem.batch_gradient(theta, np.arange(15)), g),
    ):
        np.testing.assert_allclose(computed, exact, rtol=0, atol=C * problem.n * EPS * size)


def residual_sum(problem: Curve, name: str) -> float:
    """The residual sum of squares at the last iterate of a solver."""
    rng = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        theta = last_iterate(solver(name), problem, problem.start(rng), 2000)
    return 2 * problem.n * problem.value(theta)


def residual_sum_of_peer(problem: Curve, name: str) -> float:
    """The same of a black box that runs once."""
    rng = np.random.default_rng(0)
    run = solver(name).run(problem, problem.start(rng), rng, 2000, lambda theta: None)
    return 2 * problem.n * problem.value(run.theta)


@pytest.mark.skipif(not FILES, reason=f"NIST's nonlinear files are not in {FOLDER}")
@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_solvers_find_nist_s_answers(path: Path) -> None:
    known, near = read_nist(path), curve(Nist(str(path)), start=2)
    np.testing.assert_allclose(2 * near.n * near.value(known.certified), known.residual_sum, rtol=1e-8)
    for answer in (
        residual_sum(near, "gauss-newton"),
        residual_sum(near, "levenberg-marquardt"),
        residual_sum_of_peer(near, "scipy-least-squares"),
    ):
        assert abs(answer - known.residual_sum) <= 1e-6 * known.residual_sum
    far = curve(Nist(str(path)), start=1)
    if known.name != "BoxBOD":  # its first step leads to a plateau from which f decreases without end
        assert abs(residual_sum(far, "levenberg-marquardt") - known.residual_sum) <= 1e-6 * known.residual_sum
    measures = near.measures(known.certified)
    assert measures["digits"] == 15
    assert measures["residual sum of squares"] == pytest.approx(known.residual_sum, rel=1e-8)
    assert near.about.certified == tuple(known.certified)
    reference = refer(near)
    assert 0 <= reference.lower <= near.value(known.certified) <= reference.upper * (1 + 1e-6)


def test_a_file_of_nist_s_brings_its_formula_its_starts_and_its_response(tmp_path: Path) -> None:
    file = str(tmp_path / "Saturation.dat")
    Path(file).write_text(NONLINEAR)
    its = curve(Nist(file))
    formula = "b1*(1 - exp(-b2*x1)) + arctan(x2**2)/pi"
    for ours in (curve(Nist(file), formula), built(f'curve(data="{file}", formula="{formula}")'),
                 built(f'curve(file="{file}", formula="{formula}")')):  # fmt: skip
        assert ours.value(ours.start_point) == its.value(its.start_point)
    np.testing.assert_array_equal(its.start_point, [500, 0.0001])
    np.testing.assert_array_equal(curve(Nist(file), start=2).start_point, [250, 0.0005])
    np.testing.assert_array_equal(curve(Nist(file), start="b2=3, b1=-1").start_point, [-1, 3])
    np.testing.assert_array_equal(its.y, np.log(read_nist(Path(file)).y))
    assert "the response is log(y)" in its.about.notes
    assert its.about.certified == (2.3894212918e2, 5.5015643181e-4)
    with pytest.raises(
        SpecError, match=r"parameters are a, b2, but those of nist\(.* are b1, b2; its own formula is b1"
    ):
        built(f'curve(formula="a*(1-exp(-b2*x1))", file="{file}")')
    with pytest.raises(SpecError, match="start is 3; 1, 2, or values"):
        built(f'curve(file="{file}", start=3)')


def test_a_user_s_rows_and_what_is_proven_of_them(user_file: Path) -> None:
    problem = built(f'curve(formula="top*dose/(1 + exp(a - b*hours))", file="{user_file}", target=mass)')
    assert (problem.parameters, set(problem.columns), problem.n) == (("top", "a", "b"), {"hours", "dose"}, 24)
    f = residual_sum(problem, "levenberg-marquardt") / 48
    pairs = problem.y.reshape(-1, 2)
    floor = np.sum((pairs[:, 0] - pairs[:, 1]) ** 2) / 2 / 48  # both rows of a pair have the same prediction
    theta = np.array([4.0, 1.0, 0.8])
    np.testing.assert_allclose(problem.value(theta) - problem.gap(theta), floor, rtol=1e-12)
    known = refer(problem)
    assert 0 < known.lower <= floor
    assert abs(known.upper - f) <= 1e-9 * f
    other_rows = {"hours": np.array([1.25]), "dose": np.array([2.0])}
    np.testing.assert_allclose(problem.predict(theta, other_rows), 8 / (1 + 1))
    assert curve().gap(np.ones(2)) == curve().value(np.ones(2))


def test_every_source_of_points_is_fitted(user_file: Path) -> None:
    """The same rows from a file, from arrays without names, and from a data frame give the same f."""
    import pandas

    frame = pandas.read_csv(user_file)
    X, y = frame[["hours", "dose"]], frame["mass"]
    theta = np.array([4.0, 1.0, 0.8])
    for data, formula in (
        (Table(str(user_file), target="mass"), "top*dose/(1 + exp(a - b*hours))"),
        (Arrays(X, y), "top*dose/(1 + exp(a - b*hours))"),
        (Arrays(X.to_numpy(), y.to_numpy()), "top*x2/(1 + exp(a - b*x1))"),
    ):
        problem = curve(data, formula)
        assert problem.parameters == ("top", "a", "b")
        z = theta[0] * X["dose"] / (1 + np.exp(theta[1] - theta[2] * X["hours"]))
        assert problem.value(theta) == pytest.approx(float(((z - y) ** 2).mean() / 2), rel=1e-12)
    with pytest.raises(ValueError, match="names mass, the target that it must predict"):
        curve(Arrays(X, y), "a*mass*dose")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (Moons(), "moons gives labels or classes or features; points are needed here"),
        (PiecewiseConstant(), "piecewise-constant gives signal; points are needed here"),
        (Arrays(np.ones((3, 1)), np.ones(3)), r"formula is missing, and arrays\(3 x 1"),
    ],
)
def test_sources_without_points_or_formula_are_refused(data: RowSource, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        curve(data)


def test_promises_starts_and_the_ledger() -> None:
    problem = curve(Saturation(n=20), spread=0.1)
    assert "nothing shows that it is linear in theta" in str(missing(problem, (LeastSquares,)))
    starts = [problem.start(np.random.default_rng(seed)) for seed in (0, 0, 1)]
    np.testing.assert_array_equal(starts[0], starts[1])
    assert 0 < abs(starts[0] - starts[2]).max() < 1
    ledger = Ledger()
    metered = problem.metered(ledger)
    metered.residual_and_jacobian(starts[0])
    metered.batch_gradient(starts[0], np.arange(5))
    assert (ledger.gradients, ledger.passes) == (2, 1.25)


def test_overflow_gives_no_warning() -> None:
    problem = curve()
    for far in (np.array([1.0, -1e3]), np.array([np.nan, 1.0]), np.array([1.0, np.inf])):
        assert not np.isfinite(problem.value(far))
        problem.value_and_gradient(far)
        problem.residual_and_jacobian(far)
        problem.hessian(far)


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ('formula="b1*x.real"', "a dot after a name in column 4"),
        ('formula="b1*sum(x)"', "the formula has sum, which combines rows"),
        ('formula="b1*b2"', "the formula names no column; the columns are: x"),
        ('formula="x**2"', "the formula has no parameter"),
        ('formula="b*x + y"', "the formula names y, the target that it must predict"),
        (
            'formula="b*log(x - 1000)"',
            r"log\(\(x - 1000\)\) is nan in 50 rows \(1, 2, 3, 4, 5, \.\.\.\), where x = .*; leave these",
        ),
        ('formula="log(b*x)", start="b=-1"', r"log\(\(b \* x\)\) is nan in .* where b = -1, x = .* at the start, b=-1"),
        ('formula="x*exp(b)", start="b=1000"', r"exp\(b\) is inf at the start, b=1000; give another start"),
        ('start="b1=1"', "start has no value for b2"),
        ('start="b1=1, b1=2"', "start gives b1 twice"),
        ('start="b1=one, b2=2"', "start has 'one' for b1; a finite number"),
        ('start="b1=inf, b2=2"', "start has 'inf' for b1; a finite number"),
        ('start="c=1"', "start names 'c', which is not a parameter"),
        ("start=1", "start is 1, but only files of NIST have numbered starts"),
        ("target=y", "curve has no parameter 'target'"),
        ("n=1", "n is 1; it must be at least 2"),
        ("noise=-1", "noise is -1.0; it must be zero"),
        ('file="rows.csv", formula="b*x", n=9', "table has no parameter 'n'"),
        ('data=moons, formula="b*x"', "moons gives labels or classes or features; points are needed here"),
    ],
)
def test_refusals_are_sentences(parameters: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        built(f"curve({parameters})")


def test_files_that_cannot_be_used(user_file: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.csv cannot be read"):
        curve(Table(str(tmp_path / "absent.csv")), "b*x")
    with pytest.raises(DataError, match="did you mean dose"):
        curve(Table(str(user_file), target="dos"), "b*hours")
    with pytest.raises(ValueError, match=r"formula is missing, and table\(file=.*growth\.csv\) has none of its own"):
        curve(Table(str(user_file)))
    broken = tmp_path / "broken.dat"
    broken.write_text("NIST/ITL StRD\n")
    with pytest.raises(DataError, match="names no procedure"):
        curve(Nist(str(broken)))
