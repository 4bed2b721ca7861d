"""First-order methods against their theory: steps, floors, bounds on mistakes, and what they cannot do."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm
from numpy.typing import NDArray

from experiments.lab.run.cell import run_cell
from experiments.lab.run.stopping import Rule
from problems.forms import FiniteSum, Ledger, LinearModel, Smooth
from problems.foundation.arrays import EPS, Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.base import Breakdown
from solvers.first_order.adaptive import AdaGrad, Adam, AdamW
from solvers.first_order.descent import GradientDescent
from solvers.first_order.neurons import Adaline, Perceptron
from solvers.first_order.stochastic import SGD
from solvers.first_order.variance_reduced import SAG, SAGA, SVRG
from tests.helpers.small_problems import PROBLEMS, answer, flat, problem, reference

SEEDS = st.integers(0, 2**32)
SUMS = [spec for spec in PROBLEMS if isinstance(problem(spec), FiniteSum) and isinstance(problem(spec), Smooth)]
CONVEX = [spec for spec in SUMS if isinstance(problem(spec), LinearModel) and reference(spec).spectrum]
ROWS = "logistic(n=400, d=3, condition=1, l2=0.1)"


@dataclasses.dataclass
class Slope(FiniteSum):
    """f(theta) = c . theta over so many rows, all the same."""

    c: Vector
    n: int = 5  # type: ignore[assignment]
    ledger: Ledger = dataclasses.field(default_factory=Ledger)

    @property
    def dim(self) -> int:
        return self.c.size

    def value(self, theta: Vector) -> float:
        return float(self.c @ theta)

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        return self.c

    def sibling(self) -> Slope:
        return self


def run(method: Any, on: Any, theta0: Vector, most: int, seed: int = 0) -> list[Vector]:
    return flat(method.iterate(on, theta0, np.random.default_rng(seed)), most)


@settings(max_examples=25)
@given(spec=st.sampled_from(CONVEX), seed=SEEDS)
def test_gradient_descent_at_one_over_l_never_rises(spec: str, seed: int) -> None:
    on = problem(spec)
    # the largest curvature everywhere, not at theta_0 alone
    L = on.loss.curvature * np.linalg.eigvalsh(on.rows.gram() / on.n)[-1] + on.penalty.l2
    theta0 = 3 * np.random.default_rng(seed).standard_normal(on.dim)
    values = [on.value(theta) for theta in (theta0, *run(GradientDescent(1 / L), on, theta0, 100))]
    assert all(after <= before + 10 * on.n * EPS * values[0] for before, after in pairwise(values))


@settings(max_examples=40)
@given(spec=st.sampled_from(SUMS), seed=SEEDS, rule=st.sampled_from(["backtracking", "barzilai-borwein"]))
def test_a_searched_step_satisfies_armijo_s_condition(spec: str, seed: int, rule: Any) -> None:
    on = problem(spec)
    c, memory = (0.5, 1) if rule == "backtracking" else (1e-4, 10)
    theta = np.random.default_rng(seed).standard_normal(on.dim)
    recent = [on.value(theta)]
    for new in run(GradientDescent(rule=rule), on, theta, 40):
        g, f = on.gradient(theta), on.value(new)
        fall = (theta - new) @ g  # step g.g
        assert f <= max(recent) - c * fall + (4 + 2 * on.n) * EPS * abs(max(recent))
        theta, recent = new, [*recent, f][-memory:]


@pytest.mark.parametrize("spec", CONVEX)
@pytest.mark.parametrize("rule", ["backtracking", "barzilai-borwein"])
@pytest.mark.parametrize("step", [None, 1e-8, 1e8])
def test_searches_converge_on_convex_f_from_any_first_step(spec: str, rule: Any, step: float | None) -> None:
    on, known = problem(spec), reference(spec)
    found = answer(GradientDescent(step, rule), on, on.dim, 5000)
    assert on.value(found) - known.lower <= 1e-10 * max(1.0, known.upper)


@pytest.mark.parametrize("rule", ["backtracking", "barzilai-borwein"])
def test_searches_end_where_f_does_not(rule: Any) -> None:
    """Separable labels: f falls for ever, steps grow for ever; a start of infinite f is a breakdown."""
    X = np.array([[1.0], [2.0], [-1.0], [-3.0]])
    on: Any = linear_model(Rows(X, intercept=False), np.sign(X[:, 0]), logistic)
    values = [on.value(theta) for theta in run(GradientDescent(rule=rule), on, np.zeros(1), 3000)]
    assert values[-1] < 1e-12
    with pytest.raises(Breakdown, match="not finite"), np.errstate(all="ignore"):
        run(GradientDescent(rule=rule), problem("linear-regression(n=30, d=3)"), np.full(4, 1e200), 10)


@settings(max_examples=25)
@given(spec=st.sampled_from(SUMS), seed=SEEDS, step=st.floats(1e-4, 0.1))
def test_adam_s_first_step_is_step_in_every_coordinate(spec: str, seed: int, step: float) -> None:
    on = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(on.dim)
    (new,) = run(Adam(step, batch=on.n, epsilon=1e-30), on, theta0, 1)
    np.testing.assert_allclose(theta0 - new, step * np.sign(on.gradient(theta0)), rtol=1e-6)


def test_adagrad_s_steps_fall_as_one_over_the_root_of_their_number() -> None:
    on = Slope(np.array([3.0, -1e-4, 1e5]))
    path = np.array([np.zeros(3), *run(AdaGrad(0.1, batch=5), on, np.zeros(3), 400)])
    expected = -0.1 / np.sqrt(np.arange(1, 401))[:, None] * np.sign(on.c)
    np.testing.assert_allclose(np.diff(path, axis=0), expected, rtol=1e-4)


def test_a_decay_moves_the_fixed_point_away_from_the_minimum() -> None:
    """With all rows in a batch to the least f over |theta_j| <= 1/decay, which an l2 penalty would not do."""
    on = problem(ROWS)
    plain, decayed = (answer(AdamW(0.001, decay=decay, batch=on.n), on, on.dim) for decay in (0.0, 10.0))
    assert on.value(plain) - reference(ROWS).lower < 1e-9
    assert abs(plain).min() > 0.1
    np.testing.assert_allclose(decayed, 0.1 * np.sign(plain), atol=1e-3)


def floor(on: Any, low: float, method: Any, last: int) -> float:
    """The mean of f - f* over the later epochs and over seeds."""
    runs = [run(method, on, np.zeros(on.dim), 2 * last, seed)[last:] for seed in range(6)]
    return float(np.mean([on.value(theta) - low for thetas in runs for theta in thetas]))


@pytest.mark.parametrize(("n", "last", "power"), [(4000, 60, 1), (40, 600, 3)])
def test_the_floor_of_sgd_is_proportional_to_the_step_or_to_its_cube(n: int, last: int, power: int) -> None:
    """n step mu is 22 and 45 where n = 4000; 0.3 and 0.6 where n = 40."""
    spec = f"linear-regression(n={n}, d=3, condition=1, noise=1.0)"
    on, low = problem(spec), reference(spec).lower
    step = (1 if power == 1 else 0.5) / (8 * on.row_smoothness())
    ratio = floor(on, low, SGD(2 * step), last) / floor(on, low, SGD(step), last)
    assert 0.8 * 2**power < ratio < 1.3 * 2**power


def test_averaging_lowers_the_floor() -> None:
    on, low = problem(ROWS), reference(ROWS).lower
    step = 1 / (4 * on.row_smoothness())
    assert floor(on, low, SGD(step, averaging=True), 500) < floor(on, low, SGD(step), 500) / 100


@pytest.mark.parametrize("method", [SAG(), SAGA(), SVRG(), SVRG(every=5)])
@pytest.mark.parametrize("spec", [ROWS, "logistic(n=40, d=3, l2=0.1, intercept=false)", "linear-regression(n=30, d=3)"])
def test_variance_reduction_goes_below_the_floor_of_sgd(method: Any, spec: str) -> None:
    on, low = problem(spec), reference(spec).lower
    assert on.value(answer(method, on, on.dim, 3000)) - low <= 1e-10
    assert floor(on, low, SGD(), 100) > 1e-5


@pytest.mark.parametrize("method", [SAGA(), SVRG()])
@pytest.mark.parametrize("spec", ["linear-regression(l1=0.05, n=200)", "logistic(l1=0.01, l2=0.01, n=200)"])
def test_a_prox_gives_exact_zeros_and_the_minimum(method: Any, spec: str) -> None:
    on, known = problem(spec), reference(spec)
    found = answer(method, on, on.dim, 3000)
    assert on.value(found) - known.lower <= 1e-10
    w = found[:-1]
    assert 0 < np.count_nonzero(w) < w.size
    _, g, _ = on.rows.fused(found, on.y, on.loss)
    slopes = g[:-1] / on.n + on.penalty.l2 * w  # the rest of f must stand against l1 sign(w), or be within l1 at 0
    assert abs(slopes).max() <= on.penalty.l1 * (1 + 1e-4)
    np.testing.assert_allclose(slopes[w != 0], -on.penalty.l1 * np.sign(w[w != 0]), rtol=1e-3)


@pytest.mark.parametrize(
    ("method", "extra"), [(SAG(), lambda k: 1), (SAGA(), lambda k: 1), (SVRG(every=3), lambda k: -(-k // 3))]
)
def test_passes_are_charged_for_epochs_and_for_whole_gradients(method: Any, extra: Callable[[int], int]) -> None:
    on = problem("logistic(n=40, d=3)")
    ledger, done = Ledger(), 0
    for block, _ in zip(
        method.iterate(on.metered(ledger), np.zeros(4), np.random.default_rng(0)), range(8), strict=False
    ):
        done += len(block)
        assert ledger.passes == 1 + done + extra(done), "one more for the largest row"


@pytest.mark.parametrize("method", [SAG, SAGA, SVRG])
@pytest.mark.parametrize("l1", [0.0, 0.1])
def test_too_long_a_step_diverges_and_does_not_look_finite(method: Any, l1: float) -> None:
    rng = np.random.default_rng(0)
    on: Any = linear_model(Rows(rng.standard_normal((30, 3))), rng.standard_normal(30), squared, Penalty(l1, 0.1))
    with np.errstate(all="ignore"):
        path = run(method(step=100 / on.row_smoothness()), on, np.ones(4), 2000)
    assert not np.isfinite(path[-1]).any()


@pytest.mark.parametrize("method", [SGD(), SAG(), SAGA(), SVRG()])
def test_rows_without_curvature_leave_a_default_step(method: Any) -> None:
    on: Any = linear_model(Rows(np.zeros((3, 2)), intercept=False), np.ones(3), squared)
    assert np.array_equal(run(method, on, np.ones(2), 1), [np.ones(2)])


def test_what_cannot_be_remembered_is_refused() -> None:
    sparse: Any = linear_model(Rows(np.eye(3)), np.ones(3), squared, Penalty(l1=0.1))
    jumping = dataclasses.replace(squared, name="jumping", derivatives=0, kink="its slope jumps where z = y")
    kinked: Any = linear_model(Rows(np.eye(3)), np.ones(3), jumping)
    assert "prox" in SAG().objection(sparse)  # type: ignore[operator]
    assert SAGA().objection(sparse) is SVRG().objection(sparse) is None
    for method in (SAG(), SAGA(), SVRG()):
        assert "its slope jumps" in method.objection(kinked)  # type: ignore[operator]
    assert "not linear" in SAGA().objection(problem("xor"))  # type: ignore[operator]
    assert SVRG().objection(problem("xor")) is None
    for neuron in (Perceptron(), Adaline()):
        assert "labels" in neuron.objection(problem("linear-regression(n=30, d=3)"))  # type: ignore[operator]


@settings(max_examples=40)
@given(seed=SEEDS, n=st.integers(2, 40), d=st.integers(1, 4), gap=st.sampled_from([0.02, 0.3]))
def test_a_perceptron_makes_no_more_mistakes_than_novikoff_allows(seed: int, n: int, d: int, gap: float) -> None:
    """A tiny column for each row counts its mistakes: its coefficient is mark y_i times their number."""
    rng = np.random.default_rng(seed)
    u = rng.standard_normal(d + 1)
    u /= norm(u)
    X = rng.standard_normal((n, d))
    away = X @ u[:-1] + u[-1]
    y = np.where(away >= 0, 1.0, -1.0)
    X += gap * y[:, None] * u[:-1]  # further from the line
    mark = 2.0**-30
    on: Any = linear_model(Rows(np.hstack([X, mark * np.eye(n)])), y, logistic)
    iterates = Perceptron().iterate(on, np.zeros(on.dim), np.random.default_rng(seed))
    theta, reason = np.zeros(on.dim), None
    for _ in range(1000):
        try:
            theta = next(iterates)[-1]
        except StopIteration as end:
            reason = end.value
            break
    assert reason is not None
    assert "no mistake" in reason
    assert np.all(y * (on.rows @ theta) > 0)
    mistakes = abs(theta[d : d + n]).sum() / mark
    R, gamma = norm(on.rows.stored(), axis=1).max(), (y * (X @ u[:-1] + u[-1])).min()
    assert mistakes <= (R / gamma) ** 2 * (1 + 1e-9)


def test_a_perceptron_moves_for_a_mistake_and_for_nothing_else() -> None:
    """A prediction of zero is a mistake; one of the right sign is none, however small."""
    on: Any = linear_model(Rows(np.array([[1.0, 2.0], [-2.0, 1.0]])), np.array([1.0, -1.0]), logistic)
    right = np.array([0.01, 0.0, 0.0])
    (kept,) = run(Perceptron(), on, right, 10)
    assert np.array_equal(kept, right)
    single: Any = linear_model(Rows(np.array([[1.0, 2.0]])), np.array([-1.0]), logistic)
    np.testing.assert_array_equal(run(Perceptron(0.5), single, np.zeros(3), 10), [[-0.5, -1.0, -0.5]] * 2)


@pytest.mark.parametrize("seed", range(3))
def test_no_neuron_learns_xor(seed: int) -> None:
    """The perceptron goes round for ever; the adaptive linear neuron settles, on a line that is worth nothing."""
    spec = "xor(model=linear)"
    on, known = problem(spec), reference(spec)
    theta0 = on.start(np.random.default_rng(seed))
    for method in (Perceptron(), Adaline()):
        path = run(method, on, theta0, 4000, seed)
        assert len(path) == 4000, "it does not end by itself"
        assert all(on.measures(theta)["accuracy"] <= 0.75 for theta in path)
        outcome = run_cell(on, method, seed, Rule(tolerance=1e-9), known)
        assert outcome.status in ("stalled", "diverged")
        assert outcome.measures["accuracy"] <= 0.75
    cycling, settled = (np.array(run(method, on, theta0, 4000, seed)[2000:]) for method in (Perceptron(), Adaline()))
    assert norm(np.diff(cycling, axis=0), axis=1).max() >= 1
    assert norm(settled - settled.mean(0), axis=1).max() < 0.5
    assert norm(settled.mean(0)) < 0.1, "least squares on the labels of xor is zero"


def test_an_adaline_minimises_the_squared_error_of_the_labels() -> None:
    on = problem("logistic(n=40, d=3)")
    exact = np.linalg.lstsq(on.rows.stored(), on.y, rcond=None)[0]
    found = np.mean(run(Adaline(0.001), on, np.zeros(4), 20000)[10000:], axis=0)
    np.testing.assert_allclose(found, exact, atol=0.01)
    assert norm(on.gradient(found)) > 0.01, "which is not f's minimiser"
