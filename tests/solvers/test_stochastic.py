"""Stochastic first-order methods and neurons: schedules, noise floors, bounds on mistakes, refusals."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.linalg import norm
from numpy.typing import NDArray

from experiments.lab.run.cell import run_cell
from experiments.lab.run.outcome import Status
from experiments.lab.run.stopping import Rule
from problems.forms import FiniteSum, Ledger
from problems.foundation.arrays import Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import absolute, logistic, squared
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.first_order.adaptive import AdaGrad, Adam, AdamW
from solvers.first_order.neurons import Adaline, Perceptron
from solvers.first_order.stochastic import SGD
from solvers.first_order.variance_reduced import SAG, SAGA, SVRG
from tests.helpers.small_problems import SMOOTH_SUMS, answer, first_iterates, problem, reason_of_ending, reference

SEEDS = st.integers(0, 2**32)
ROWS = "logistic(n=400, d=3, condition=1, l2=0.1)"


@dataclasses.dataclass
class LinearFunction(FiniteSum):
    """f(theta) = c . theta, as a sum over n equal rows."""

    c: Vector
    n: int = 5
    ledger: Ledger = dataclasses.field(default_factory=Ledger)

    @property
    def dim(self) -> int:
        return self.c.size

    def value(self, theta: Vector) -> float:
        return float(self.c @ theta)

    def batch_gradient(self, theta: Vector, rows: NDArray[np.int64]) -> Vector:
        return self.c

    def sibling(self) -> LinearFunction:
        return self


@pytest.mark.parametrize("python", [False, True], ids=["native code", "Python"])
@pytest.mark.parametrize(("n", "batch"), [(5, 5), (6, 2), (7, 3)])
def test_a_schedule_counts_epochs_and_not_updates(python: bool, n: int, batch: int) -> None:
    """On f = c . theta, an epoch moves theta by -c times the sum of its steps."""
    updates = -(-n // batch)
    e = np.arange(4 * updates) / updates  # at each update
    expected = {
        "constant": np.full(e.size, 0.1),
        "inverse": 0.1 / (1 + e / 2.5),
        "cosine": 0.05 * (1 + np.cos(np.pi * np.minimum(e / 2.5, 1))),
    }
    c = np.array([3.0, -1.0])
    rows = Rows(np.tile(-c, (n, 1)), intercept=False)
    far: Any = linear_model(rows, np.full(n, 1e6), absolute)  # the derivative of |z - y| is -1 if z is below y
    objective = LinearFunction(c, n) if python else far
    for schedule, steps in expected.items():
        method = SGD(0.1, batch, schedule, horizon=2.5)  # type: ignore[arg-type]
        iterates = first_iterates(method, objective, np.zeros(2), 10)
        sums = np.cumsum(steps.reshape(4, updates).sum(1))[: 3 if schedule == "cosine" else 4]
        assert len(iterates) == (3 if schedule == "cosine" else 10)
        np.testing.assert_allclose(iterates[: len(sums)], -sums[:, None] * c, rtol=1e-12)


@settings(max_examples=25)
@given(spec=st.sampled_from(SMOOTH_SUMS), seed=SEEDS, step=st.floats(1e-4, 0.1))
def test_adam_s_first_step_is_step_in_every_coordinate(spec: str, seed: int, step: float) -> None:
    objective = problem(spec)
    theta0 = np.random.default_rng(seed).standard_normal(objective.dim)
    (new,) = first_iterates(Adam(step, batch=objective.n, epsilon=1e-30), objective, theta0, 1)
    np.testing.assert_allclose(theta0 - new, step * np.sign(objective.gradient(theta0)), rtol=1e-6)


def test_adagrad_s_steps_decrease_as_one_over_the_root_of_their_number() -> None:
    objective = LinearFunction(np.array([3.0, -1e-4, 1e5]))
    path = np.array([np.zeros(3), *first_iterates(AdaGrad(0.1, batch=5), objective, np.zeros(3), 400)])
    expected = -0.1 / np.sqrt(np.arange(1, 401))[:, None] * np.sign(objective.c)
    np.testing.assert_allclose(np.diff(path, axis=0), expected, rtol=1e-4)


def test_a_decay_moves_the_limit_away_from_the_minimum() -> None:
    """With all rows in a batch the limit is the minimum over |theta_j| <= 1/decay, unlike with an l2 penalty."""
    objective = problem(ROWS)
    plain, decayed = (
        answer(AdamW(0.001, decay=decay, batch=objective.n), objective, objective.dim) for decay in (0.0, 10.0)
    )
    assert objective.value(plain) - reference(ROWS).lower < 1e-9
    assert abs(plain).min() > 0.1
    np.testing.assert_allclose(decayed, 0.1 * np.sign(plain), atol=1e-3)


def noise_floor(objective: Any, lower: float, method: Any, last: int) -> float:
    """The mean of f - f* over the second half of the epochs and over seeds."""
    runs = [first_iterates(method, objective, np.zeros(objective.dim), 2 * last, seed)[last:] for seed in range(6)]
    return float(np.mean([objective.value(theta) - lower for thetas in runs for theta in thetas]))


@pytest.mark.parametrize(("n", "last", "power"), [(4000, 60, 1), (40, 600, 3)])
def test_the_floor_of_sgd_is_proportional_to_the_step_or_to_its_cube(n: int, last: int, power: int) -> None:
    """n step mu is 22 and 45 where n = 4000; 0.3 and 0.6 where n = 40."""
    spec = f"linear-regression(n={n}, d=3, condition=1, noise=1.0)"
    objective, lower = problem(spec), reference(spec).lower
    step = (1 if power == 1 else 0.5) / (8 * objective.row_smoothness())
    ratio = noise_floor(objective, lower, SGD(2 * step), last) / noise_floor(objective, lower, SGD(step), last)
    assert 0.8 * 2**power < ratio < 1.3 * 2**power


def test_averaging_lowers_the_floor() -> None:
    objective, lower = problem(ROWS), reference(ROWS).lower
    step = 1 / (4 * objective.row_smoothness())
    assert (
        noise_floor(objective, lower, SGD(step, averaging=True), 500)
        < noise_floor(objective, lower, SGD(step), 500) / 100
    )


@pytest.mark.parametrize("method", [SAG(), SAGA(), SVRG(), SVRG(every=5)])
@pytest.mark.parametrize("spec", [ROWS, "logistic(n=40, d=3, l2=0.1, intercept=false)", "linear-regression(n=30, d=3)"])
def test_variance_reduction_goes_below_the_floor_of_sgd(method: Any, spec: str) -> None:
    objective, lower = problem(spec), reference(spec).lower
    assert objective.value(answer(method, objective, objective.dim, 3000)) - lower <= 1e-10
    assert noise_floor(objective, lower, SGD(), 100) > 1e-5


@pytest.mark.parametrize("method", [SAGA(), SVRG()])
@pytest.mark.parametrize("spec", ["linear-regression(l1=0.05, n=200)", "logistic(l1=0.01, l2=0.01, n=200)"])
def test_a_prox_gives_exact_zeros_and_the_minimum(method: Any, spec: str) -> None:
    objective, known = problem(spec), reference(spec)
    solution = answer(method, objective, objective.dim, 3000)
    assert objective.value(solution) - known.lower <= 1e-10
    w = solution[:-1]
    assert 0 < np.count_nonzero(w) < w.size
    _, g, _ = objective.rows.fused(solution, objective.y, objective.loss)
    derivatives = (
        g[:-1] / objective.n + objective.penalty.l2 * w
    )  # of f without l1: -l1 sign(w), or at most l1 if w = 0
    assert abs(derivatives).max() <= objective.penalty.l1 * (1 + 1e-4)
    np.testing.assert_allclose(derivatives[w != 0], -objective.penalty.l1 * np.sign(w[w != 0]), rtol=1e-3)


@pytest.mark.parametrize(
    ("method", "extra"), [(SAG(), lambda k: 1), (SAGA(), lambda k: 1), (SVRG(every=3), lambda k: -(-k // 3))]
)
def test_passes_are_charged_for_epochs_and_for_full_gradients(method: Any, extra: Callable[[int], int]) -> None:
    objective = problem("logistic(n=40, d=3)")
    ledger, done = Ledger(), 0
    for block, _ in zip(
        method.iterate(objective.metered(ledger), np.zeros(4), np.random.default_rng(0)), range(8), strict=False
    ):
        done += len(block)
        assert ledger.passes == 1 + done + extra(done), "one more for the largest norm of a row"


@pytest.mark.parametrize("method", [SAG, SAGA, SVRG])
@pytest.mark.parametrize("l1", [0.0, 0.1])
def test_too_long_a_step_diverges_to_values_that_are_not_finite(method: Any, l1: float) -> None:
    rng = np.random.default_rng(0)
    objective: Any = linear_model(
        Rows(rng.standard_normal((30, 3))), rng.standard_normal(30), squared, Penalty(l1, 0.1)
    )
    with np.errstate(all="ignore"):
        path = first_iterates(method(step=100 / objective.row_smoothness()), objective, np.ones(4), 2000)
    assert not np.isfinite(path[-1]).any()


@pytest.mark.parametrize("method", [SGD(), SAG(), SAGA(), SVRG()])
def test_rows_without_curvature_have_a_default_step(method: Any) -> None:
    objective: Any = linear_model(Rows(np.zeros((3, 2)), intercept=False), np.ones(3), squared)
    assert np.array_equal(first_iterates(method, objective, np.ones(2), 1), [np.ones(2)])


def test_losses_and_penalties_without_a_method_are_refused() -> None:
    sparse: Any = linear_model(Rows(np.eye(3)), np.ones(3), squared, Penalty(l1=0.1))
    reason = "its derivative jumps at z = y"
    jumping = dataclasses.replace(squared, name="jumping", continuous_derivatives=0, missing_derivative=reason)
    kinked: Any = linear_model(Rows(np.eye(3)), np.ones(3), jumping)
    assert "prox" in SAG().objection(sparse)  # type: ignore[operator]
    assert SAGA().objection(sparse) is SVRG().objection(sparse) is None
    for method in (SAG(), SAGA(), SVRG()):
        assert reason in method.objection(kinked)  # type: ignore[operator]
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
    side = X @ u[:-1] + u[-1]
    y = np.where(side >= 0, 1.0, -1.0)
    X += gap * y[:, None] * u[:-1]  # away from the line
    mark = 2.0**-30
    objective: Any = linear_model(Rows(np.hstack([X, mark * np.eye(n)])), y, logistic)
    theta = first_iterates(Perceptron(), objective, np.zeros(objective.dim), 10_000, seed)[-1]
    assert "no mistake" in reason_of_ending(Perceptron(), objective, np.zeros(objective.dim), rng=seed)
    assert np.all(y * (objective.rows @ theta) > 0)
    mistakes = abs(theta[d : d + n]).sum() / mark
    R, gamma = norm(objective.rows.design_matrix(), axis=1).max(), (y * (X @ u[:-1] + u[-1])).min()
    assert mistakes <= (R / gamma) ** 2 * (1 + 1e-9)


def test_only_a_mistake_updates_a_perceptron() -> None:
    """A prediction of zero is a mistake; a prediction with the right sign is none, however small."""
    objective: Any = linear_model(Rows(np.array([[1.0, 2.0], [-2.0, 1.0]])), np.array([1.0, -1.0]), logistic)
    right = np.array([0.01, 0.0, 0.0])
    (kept,) = first_iterates(Perceptron(), objective, right, 10)
    assert np.array_equal(kept, right)
    single: Any = linear_model(Rows(np.array([[1.0, 2.0]])), np.array([-1.0]), logistic)
    np.testing.assert_array_equal(first_iterates(Perceptron(0.5), single, np.zeros(3), 10), [[-0.5, -1.0, -0.5]] * 2)


@pytest.mark.parametrize("seed", range(3))
def test_no_single_neuron_learns_xor(seed: int) -> None:
    """The perceptron cycles without end; the adaptive linear neuron converges to a line that classifies nothing."""
    spec = "xor(model=linear)"
    objective, known = problem(spec), reference(spec)
    theta0 = objective.start(np.random.default_rng(seed))
    for method in (Perceptron(), Adaline()):
        path = first_iterates(method, objective, theta0, 4000, seed)
        assert len(path) == 4000, "it does not end by itself"
        assert all(objective.measures(theta)["accuracy"] <= 0.75 for theta in path)
        outcome = run_cell(objective, method, seed, Rule(tolerance=1e-9), known)
        assert outcome.status in (Status.STALLED, Status.DIVERGED)
        assert outcome.measures["accuracy"] <= 0.75
    cycling, settled = (
        np.array(first_iterates(method, objective, theta0, 4000, seed)[2000:]) for method in (Perceptron(), Adaline())
    )
    assert norm(np.diff(cycling, axis=0), axis=1).max() >= 1
    assert norm(settled - settled.mean(0), axis=1).max() < 0.5
    assert norm(settled.mean(0)) < 0.1, "least squares on the labels of xor is zero"


def test_an_adaline_minimises_the_squared_error_of_the_labels() -> None:
    objective = problem("logistic(n=40, d=3)")
    exact = np.linalg.lstsq(objective.rows.design_matrix(), objective.y, rcond=None)[0]
    iterates = np.mean(first_iterates(Adaline(0.001), objective, np.zeros(4), 20000)[10000:], axis=0)
    np.testing.assert_allclose(iterates, exact, atol=0.01)
    assert norm(objective.gradient(iterates)) > 0.01, "it is not the minimiser of f"
