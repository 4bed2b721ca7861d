"""The judging rules, each with a run that the opposite rule would judge otherwise. Time is a fake timer's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import CellResult
from experiments.lab.analysis.verdict import unproven
from experiments.lab.reference.referee import refer
from experiments.lab.reference.reference import Ball, LabFault, Reference
from experiments.lab.run.cell import run_cell
from experiments.lab.run.outcome import Cause, Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import spec
from problems.forms import About, Objective
from problems.foundation.arrays import Vector
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss, squared
from problems.parts.losses.kinked import absolute as absolute_loss
from problems.parts.rows import Rows
from solverlab import iterates
from solvers.base import BlackBox, Breakdown, Callback, Iterates, Refusal, Run, Solver
from solvers.first_order.descent import GradientDescent
from tests.helpers.small_problems import problem, reference
from tests.helpers.small_problems import solver as solver_of

SPEC = "linear-regression(n=30, d=3)"


class Timer:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


def judge(solver: Solver[Any], rule: Rule | None = None, problem_spec: str = SPEC, now: Timer | None = None) -> Outcome:
    return run_cell(problem(problem_spec), solver, 0, rule or Rule(), reference(problem_spec), now=now or Timer())


def minimum() -> Vector:
    found: Vector = np.linalg.lstsq(*problem(SPEC).least_squares(), rcond=None)[0]
    return found


def off(share: float) -> Vector:
    """Between the minimum, 0, and the start, 1."""
    return minimum() * (1 - share)


@dataclass(frozen=True)
class Script(Solver[Objective]):
    """Yields what a function of k says, from k = 1 on, each iterate after `cost` seconds on the timer."""

    needs = (Objective,)
    at: Callable[[int], Any]
    timer: Timer
    cost: float = 1.0
    count: int = 10**9

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        for k in range(1, self.count + 1):
            self.timer.time += self.cost
            yield self.at(k)
        return "the script is over"


def test_without_a_proof_runs_are_judged_by_the_lowest_f_known_and_that_is_said() -> None:
    """The bound of a curve is 0, which no theta of it reaches."""
    objective = problem("curve(n=20)")
    known = refer(objective)
    assert known.lower < known.goal == known.known
    outcome = run_cell(objective, solver_of("levenberg-marquardt"), 0, Rule(), known)
    assert outcome.solved
    row = CellResult(spec("p"), spec("levenberg-marquardt"), 0, Rule(), [outcome])
    sentence = unproven(spec("p"), [row], known) or ""
    assert f"the lowest f known, {known.known:.8g}" in sentence
    assert "went lower" not in sentence
    outcome.gap = -0.5
    assert "levenberg-marquardt went lower" in (unproven(spec("p"), [row], known) or "")
    assert unproven(spec("p"), [row], refer(problem("landscape"))) is None


def test_time_between_iterates_is_not_billed() -> None:
    """All that happens between two calls of next, sampling and judging included, is off the clock."""
    timer = Timer()

    class Slow(type(problem(SPEC))):  # type: ignore[misc]
        def value(self, theta: Vector) -> float:
            timer.time += 1000.0
            return float(super().value(theta))

    on = problem(SPEC)
    slow = Slow(on.rows, on.y, on.loss, on.penalty)
    script = Script(lambda k: minimum() * (1 - 0.5**k), timer)
    outcome = run_cell(slow, script, 0, Rule(seconds=100), reference(SPEC), now=timer)
    assert outcome.status == "solved"
    assert outcome.seconds == outcome.iterations


def test_work_done_before_the_first_iterate_is_billed() -> None:
    timer = Timer()

    @dataclass(frozen=True)
    class Eager(Solver[Objective]):
        needs = (Objective,)

        def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
            timer.time += 5.0  # not a generator: this runs when it is called
            return iter([minimum()])  # type: ignore[return-value]

    assert judge(Eager(), now=timer).seconds == 5.0


@pytest.mark.parametrize("crossing", [1, 2, 57, 1000, 4321])
def test_a_crossing_between_samples_is_found_by_bisection(crossing: int) -> None:
    """The next sample alone would have charged up to a quarter more."""
    timer = Timer()
    script = Script(lambda k: off(0.0 if k >= crossing else 0.9 - 1e-5 * k), timer)
    outcome = judge(script, Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations, outcome.seconds) == ("solved", crossing, crossing)
    assert outcome.trace[-1].iteration == crossing


@pytest.mark.parametrize("crossing", [3, 700, 1023])
def test_blocks_of_iterates_are_numbered_exactly_and_share_their_time(crossing: int) -> None:
    timer = Timer()
    size = 64

    def block(j: int) -> np.ndarray:
        return np.array(
            [off(0.0 if k > crossing - 1 else 0.9 - 1e-5 * k) for k in range((j - 1) * size + 1, j * size + 1)]
        )

    outcome = judge(Script(block, timer, cost=float(size)), Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations) == ("solved", crossing)
    assert outcome.seconds == pytest.approx(crossing)


def test_an_end_is_at_the_exact_iterate_though_a_block_goes_further() -> None:
    timer = Timer()
    script = Script(lambda j: np.tile(off(1 / (j + 1)), (64, 1)), timer)
    outcome = judge(script, Rule(iterations=100, seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations) == ("budget", 100)


@dataclass(frozen=True)
class Sampler(Script):
    """The same, but judged by its best."""

    judged_by_best = True


@pytest.mark.parametrize("size", [1, 64])
@pytest.mark.parametrize("crossing", [1, 77, 4321])
def test_a_sampler_is_judged_by_its_best(crossing: int, size: int) -> None:
    """One single state is at the minimum; most others lie above the start, and the last is no better than it."""
    timer = Timer()

    def state(k: int) -> Vector:
        return off(0.0 if k == crossing else 2.0 + np.sin(k) if k % 9 else 1 - 1e-5 * k)

    def block(j: int) -> np.ndarray:
        return np.array([state(k) for k in range((j - 1) * size + 1, j * size + 1)])

    script = (block, timer, float(size))
    wandering = judge(Script(*script, count=200), Rule(seconds=1e9), now=timer)
    assert wandering.status == ("solved" if crossing == 1 else "diverged")
    timer.time = 0.0
    outcome = judge(Sampler(*script), Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations) == ("solved", crossing)
    assert outcome.seconds == pytest.approx(crossing)
    np.testing.assert_array_equal(outcome.theta, minimum())
    gaps = [sample.gap for sample in outcome.trace]
    assert gaps == sorted(gaps, reverse=True), "its best never gets worse"


def test_a_sampler_that_only_goes_up_is_as_good_as_its_start() -> None:
    timer = Timer()
    outcome = judge(Sampler(lambda k: off(1.0 + k), timer), Rule(seconds=1e9), now=timer)
    assert outcome.status == "stalled"
    assert outcome.gap == outcome.trace[0].gap
    assert outcome.iterations >= 1000 * problem(SPEC).dim, "a walk needs time in proportion to the coefficients"


def test_a_sampler_is_diverged_at_its_first_state_that_is_not_finite() -> None:
    timer = Timer()
    outcome = judge(Sampler(lambda k: off(np.nan if k == 500 else 0.5), timer), Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations) == ("diverged", 500)


def test_a_sampler_s_path_is_its_states() -> None:
    timer = Timer()
    outcome = judge(Sampler(lambda k: off(1.0 + k), timer, count=5), Rule(seconds=1e9, keep=6), now=timer)
    np.testing.assert_array_equal(outcome.path[1:], [off(1.0 + k) for k in range(1, 6)])


def test_a_state_outside_the_constraint_is_never_the_best() -> None:
    constrained = "linear-regression(n=30, d=3, nonnegative=true, seed=1)"
    on, timer = problem(constrained), Timer()
    free, _, _, _ = np.linalg.lstsq(on.rows.design_matrix(), on.y, rcond=None)
    assert on.violation(free) > 0.1, "the unconstrained minimum is outside"
    outcome = judge(Sampler(lambda k: free, timer, count=3), problem_spec=constrained, now=timer)
    assert outcome.status == "stalled"
    np.testing.assert_array_equal(outcome.theta, np.zeros(on.dim))


def test_the_start_is_judged_first() -> None:
    on = problem(SPEC)
    outcome = run_cell(on, GradientDescent(), 0, Rule(), reference(SPEC), theta0=minimum())
    assert (outcome.status, outcome.iterations, outcome.seconds) == ("solved", 0, 0.0)


def test_what_a_solver_says_of_itself_decides_nothing() -> None:
    timer = Timer()
    near = judge(Script(lambda k: off(0.5), timer, count=3), now=timer)
    assert (near.status, near.cause, near.iterations) == (Status.STALLED, Cause.ENDED, 3)
    assert "the script is over" in near.reason
    there = judge(Script(lambda k: minimum(), timer, count=1), now=timer)
    assert there.status == "solved"


def test_solved_is_judged_by_the_referee_s_bound_not_by_the_iterate_s_own_certificate() -> None:
    """Far from the minimum of a logistic problem an iterate's own gap is loose; the referee's is not."""
    name = "logistic(n=40, d=3)"
    on, known = problem(name), reference(name)
    theta = on.start(np.random.default_rng(0))
    for _ in range(400):
        theta = theta - 1.0 * on.gradient(theta)
    f = on.value(theta)
    tolerance = 1.1 * (f - known.lower) / known.scale
    assert on.gap(theta) >= f - known.upper
    timer = Timer()
    assert judge(Script(lambda k: theta, timer), Rule(tolerance=tolerance), name, timer).status == "solved"
    assert (
        judge(Script(lambda k: theta, timer, count=1), Rule(tolerance=tolerance / 1.3), name, timer).status == "stalled"
    )


# Powers of two scale every intermediate result exactly, so that a run must repeat itself digit for digit.
@pytest.mark.parametrize("unit", [2.0**-10, 2.0**20])
@pytest.mark.parametrize(
    ("loss", "method"), [(squared, "gradient-descent"), (squared, "svd"), (absolute_loss, "scipy-linprog-model")]
)
def test_a_tolerance_means_the_same_in_every_unit_of_the_target(unit: float, loss: Loss, method: str) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3))
    y = X @ rng.standard_normal(3) + rng.standard_normal(40)

    def outcome(target: Vector) -> Outcome:
        model = linear_model(Rows(X), target, loss)
        return run_cell(model, solver_of(method), 0, Rule(tolerance=1e-5), refer(model), now=Timer())

    inches, other = outcome(y), outcome(unit * y)
    assert inches.solved
    assert (inches.status, inches.iterations) == (other.status, other.iterations)
    assert other.gap == pytest.approx(inches.gap, rel=1e-3, abs=1e-12)


def test_an_absolute_tolerance_is_in_the_units_of_f() -> None:
    model = linear_model(Rows(np.ones((4, 1))), np.array([1.0, 2.0, 3.0, 4.0]) * 100, squared)
    known = refer(model)
    solver = GradientDescent(step=0.2)
    relative, absolute = (
        run_cell(model, solver, 0, Rule(tolerance=1e-2, absolute=a), known, now=Timer()) for a in (False, True)
    )
    assert relative.iterations < absolute.iterations
    assert model.value(np.array(relative.theta)) - known.lower <= 1e-2 * known.scale
    assert model.value(np.array(absolute.theta)) - known.lower <= 1e-2


@pytest.mark.parametrize(("wrong", "status"), [(1e-2, "stalled"), (2e-4, "stalled"), (5e-5, "solved")])
def test_a_run_that_disagrees_with_a_certified_answer_is_not_solved(wrong: float, status: str) -> None:
    """The rows fit so closely that f is within the tolerance long before theta has four digits."""
    rng = np.random.default_rng(0)
    X, exact = rng.standard_normal((30, 2)), np.array([1e-4, 1.0, 0.0])
    y = X @ exact[:2]
    model = linear_model(Rows(X), y, squared, about=About(certified=tuple(exact.tolist())))
    timer = Timer()
    script = Script(lambda k: exact * [1 + wrong, 1, 1], timer, count=3)
    outcome = run_cell(model, script, 0, Rule(), refer(model), now=timer)
    assert outcome.gap <= Rule().tolerance
    assert outcome.status == status
    if status == "stalled":
        digits = -np.log10(wrong)
        assert outcome.reason == (
            f"f is within the tolerance, but only {digits:.1f} digits agree with the certified answer; it ended by "
            "itself: the script is over"
        )


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("method", ["qr", "gradient-descent", "normal-equations", "lbfgs"])
def test_the_error_of_theta_is_below_its_bound(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, 4)) * 10.0 ** rng.uniform(-2, 2, 4)
    X[:, 3] = X[:, 2] + 10.0 ** -rng.uniform(0, 5) * X[:, 3]
    model = linear_model(Rows(X, intercept=False), X @ rng.standard_normal(4) + rng.standard_normal(40), squared)
    known = refer(model)
    *_, exact = iterates(model, "extended-least-squares")
    outcome = run_cell(model, solver_of(method), seed, Rule(tolerance=1e-8, iterations=3000), known, now=Timer())
    lengths = np.linalg.norm(X, axis=0)
    error = np.linalg.norm(lengths * (np.array(outcome.theta) - exact)) / np.linalg.norm(lengths * exact)
    bound = known.theta_error(outcome.gap, absolute=False)
    assert bound is not None
    assert error <= bound
    assert bound <= 1.1 * np.sqrt(known.condition or 0.0) * error + 1e-5, "and no larger than the curvature makes it"
    scaled = X / lengths
    assert known.condition == pytest.approx(np.linalg.cond(scaled) ** 2, rel=1e-4)


def test_every_solved_run_holds_when_its_answer_is_judged_anew() -> None:
    for name, known in ((s, reference(s)) for s in (SPEC, "logistic(n=40, d=3)", "xor")):
        outcome = run_cell(problem(name), GradientDescent(), 3, Rule(tolerance=1e-4), known)
        assert outcome.solved
        assert problem(name).value(np.array(outcome.theta)) - known.lower <= 1e-4 * known.scale


def test_a_slow_riser_is_diverged_not_stalled() -> None:
    """A logistic loss grows only linearly: nothing overflows, and no progress is made either."""
    name = "logistic(n=40, d=3)"
    timer = Timer()
    direction = np.ones(problem(name).dim)
    outcome = judge(Script(lambda k: 1e-3 * k * direction, timer), Rule(seconds=1e9), name, timer)
    assert (outcome.status, outcome.cause) == (Status.DIVERGED, Cause.ROSE)
    assert "f went from" in outcome.reason


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_the_first_value_that_is_not_finite_ends_the_run_and_the_trace_is_kept(bad: float) -> None:
    timer = Timer()
    outcome = judge(Script(lambda k: off(1 / k) + (bad if k >= 500 else 0.0), timer), Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.cause, outcome.iterations) == (Status.DIVERGED, Cause.NOT_FINITE, 500)
    assert len(outcome.trace) > 10
    assert not math.isfinite(outcome.gap)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda theta: theta + 0j,
        lambda theta: theta.astype(np.float32),
        lambda theta: theta[:-1],
        lambda theta: np.append(theta, 0.0),
        lambda theta: theta[None, None],
        lambda theta: np.empty((0, theta.size)),
        lambda theta: theta.tolist(),
    ],
)
def test_what_is_not_an_iterate_is_a_failure_that_says_what_is_allowed(wrong: Callable[[Vector], Any]) -> None:
    timer = Timer()
    outcome = judge(Script(lambda k: off(0.5) if k < 3 else wrong(minimum()), timer), now=timer)
    assert outcome.status == "failed"
    assert outcome.reason.startswith("it yielded ")
    assert "an iterate is float64 of shape (4,)" in outcome.reason
    assert outcome.gap > 0


@pytest.mark.parametrize(
    ("away", "status"),
    [
        (lambda k: 0.4 if k % 50 else 0.3 * 0.999**k, "solved"),  # only one iterate in 50 is better
        (lambda k: 0.4 * (0.9995**k) + (0.5 * 0.9995**k if k > 1 else -0.399), "solved"),  # the first is lucky
        (lambda k: 0.4 + 0.1 * (k % 7 == 0), "stalled"),
        (lambda k: 0.4 + 0.1 * (1 - 1 / k) * (k % 2), "stalled"),
    ],
)
def test_stalled_is_said_after_a_look_at_every_iterate(away: Callable[[int], float], status: str) -> None:
    timer = Timer()
    outcome = judge(Script(lambda k: off(away(k)), timer, 1e-6), Rule(tolerance=1e-7, iterations=60_000), now=timer)
    assert outcome.status == status, outcome.reason


def test_a_run_that_stands_still_is_stalled_and_one_that_creeps_is_not() -> None:
    timer = Timer()
    still = judge(Script(lambda k: off(0.5), timer), Rule(seconds=1e9), now=timer)
    assert (still.status, still.cause) == (Status.STALLED, Cause.NO_PROGRESS)
    creeping = judge(Script(lambda k: off(0.5 - 1e-9 * k), timer), Rule(seconds=1e9, iterations=20_000), now=timer)
    assert (creeping.status, creeping.iterations) == ("budget", 20_000)


def test_each_budget_ends_a_run() -> None:
    timer = Timer()
    creep = Script(lambda k: off(1 / (1 + 0.001 * k)), timer)
    assert judge(creep, Rule(seconds=50), now=timer).status == "budget"
    passes = judge(GradientDescent(1e-6), Rule(passes=10.0))
    assert passes.status == "budget"
    assert 11 <= passes.iterations <= 2 * 11, "a block may overrun by as many iterates as there were before it"


def test_errors_are_statuses() -> None:
    @dataclass(frozen=True)
    class Raises(Solver[Objective]):
        needs = (Objective,)
        error: BaseException

        def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
            yield off(0.5)
            raise self.error

    raised = judge(Raises(ValueError("two and two")))
    assert (raised.status, raised.cause, raised.reason) == (Status.FAILED, Cause.ERROR, "ValueError: two and two")
    broken = judge(Raises(Breakdown("no pivot")))
    assert (broken.status, broken.cause) == (Status.FAILED, Cause.BREAKDOWN)
    assert judge(Raises(Breakdown("no pivot"))).trace[-1].iteration == 1
    assert judge(Raises(MemoryError())).status == "oom"
    refused = judge(Raises(Refusal("not from here")))
    assert (refused.status, refused.cause) == (Status.SKIPPED, Cause.REFUSAL)
    with pytest.raises(KeyboardInterrupt):
        judge(Raises(KeyboardInterrupt()))


@dataclass(frozen=True)
class Whole(BlackBox[Objective]):
    """A black box without a callback whose runs take a second an iteration and reach the minimum at `needed`."""

    needs = (Objective,)
    opaque = True
    timer: Timer
    needed: int
    calls: list[int]

    def run(self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback) -> Run:
        self.calls.append(budget)
        rng.random()
        self.timer.time += budget
        return Run(minimum() if budget >= self.needed else off(1 / (budget + 1)), done=False)


@pytest.mark.parametrize("needed", [1, 2, 5, 17, 100])
def test_a_peer_is_charged_for_the_smallest_budget_that_suffices_and_for_no_other_run(needed: int) -> None:
    timer = Timer()
    whole = Whole(timer, needed, [])
    outcome = judge(whole, Rule(seconds=1e6), now=timer)
    assert (outcome.status, outcome.iterations, outcome.seconds) == ("solved", needed, needed)
    assert outcome.passes is None, "it reads the data itself: its passes are unknown, not zero"
    np.testing.assert_array_equal(outcome.theta, minimum(), "the answer kept is that of the run that counts")
    assert [s.iteration for s in outcome.trace] == sorted({s.iteration for s in outcome.trace})
    assert sum(whole.calls) >= needed


def test_a_peer_s_runs_count_together_against_the_limits() -> None:
    timer = Timer()
    whole = Whole(timer, 10**6, [])
    outcome = judge(whole, Rule(seconds=100), now=timer)
    assert outcome.status == "budget"
    assert timer.time <= 3 * 100


def test_a_run_that_ends_badly_is_not_taken_for_one_that_suffices() -> None:
    timer = Timer()

    @dataclass(frozen=True)
    class Fickle(BlackBox[Objective]):
        needs = (Objective,)

        def run(
            self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
        ) -> Run:
            timer.time += budget
            return Run(
                minimum() if budget >= 13 else off(np.nan) if budget == 11 else off(1 / (budget + 1)), done=False
            )

    outcome = judge(Fickle(), Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations, outcome.reason) == ("solved", 13, "")
    assert outcome.gap <= 1e-6


def test_what_arrives_beyond_its_budget_is_not_solved() -> None:
    timer = Timer()
    late = judge(Script(lambda k: minimum(), timer, cost=500.0), Rule(seconds=10), now=timer)
    assert (late.status, late.cause) == (Status.BUDGET, Cause.LATE)
    assert "500 s" in late.reason


def test_reruns_stop_at_the_iterations_allowed() -> None:
    timer = Timer()
    whole = Whole(timer, 10**6, [])
    outcome = judge(whole, Rule(seconds=1e9, iterations=50), now=timer)
    assert (outcome.status, outcome.iterations, max(whole.calls)) == ("budget", 50, 50)


def test_every_rerun_has_the_same_randomness() -> None:
    drawn: list[float] = []

    @dataclass(frozen=True)
    class Draws(BlackBox[Objective]):
        needs = (Objective,)

        def run(
            self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
        ) -> Run:
            drawn.append(rng.random())
            return Run(off(1 / (budget + 1)), done=budget > 20)

    judge(Draws(), Rule(seconds=1e9))
    assert len(drawn) > 5
    assert len(set(drawn)) == 1


def test_a_faithful_callback_is_judged_in_one_run_and_not_billed() -> None:
    timer, runs = Timer(), []

    @dataclass(frozen=True)
    class Faithful(BlackBox[Objective]):
        needs = (Objective,)
        faithful = True

        def run(
            self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
        ) -> Run:
            runs.append(budget)
            theta = theta0
            for k in range(1, 10_000):
                timer.time += 1.0
                theta = minimum() if k >= 321 else off(1 / (k + 1))
                try:
                    callback(theta)
                except Exception:  # a peer that catches what it can must still be stopped
                    continue
            return Run(theta, done=True)

    outcome = judge(Faithful(), Rule(seconds=1e9), now=timer)
    assert (outcome.status, outcome.iterations, outcome.seconds) == ("solved", 321, 321)
    assert len(runs) == 1


def test_the_passes_of_a_peer_that_reads_the_data_itself_are_unknown_with_a_callback_too() -> None:
    timer = Timer()

    @dataclass(frozen=True)
    class Opaque(BlackBox[Objective]):
        needs = (Objective,)
        faithful = True
        opaque = True

        def run(
            self, problem: Objective, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
        ) -> Run:
            for k in range(1, budget):
                timer.time += 1.0
                callback(off(1 / (1 + 1e-3 * k)))
            return Run(theta0, done=False)

    outcome = judge(Opaque(), Rule(seconds=50), now=timer)
    assert (outcome.status, outcome.passes) == ("budget", None)
    assert "unknown passes" in outcome.reason


def test_separable_labels_are_named_and_nothing_is_said_to_converge() -> None:
    name = "logistic(data=breast_cancer, l2=0)"
    known = refer(problem(name))
    outcome = run_cell(problem(name), GradientDescent(), 0, Rule(seconds=0.2), known)
    assert outcome.status == "separable"
    assert "penalty" in outcome.reason


def test_a_reference_without_proof_never_calls_anything_solved() -> None:
    nothing = Reference(-math.inf, 1.0, 4)
    assert run_cell(problem(SPEC), GradientDescent(), 0, Rule(seconds=0.05), nothing).status != "solved"


def test_predicted_and_observed_rates_meet_on_a_quadratic() -> None:
    name = "linear-regression(n=200, d=5, condition=50)"
    on, known = problem(name), reference(name)
    assert known.spectrum is not None
    outcome = run_cell(on, GradientDescent(1 / known.spectrum.L), 0, Rule(tolerance=1e-13), known)
    assert outcome.predicted is not None
    assert outcome.observed is not None
    assert outcome.predicted.factor == pytest.approx(1 - 1 / 50)
    assert outcome.observed.factor == pytest.approx(outcome.predicted.factor, rel=2e-3)


@pytest.mark.parametrize(("factor", "order"), [(2.0, 2), (1.5, 1), (1.0, 1)])
def test_quadratic_means_that_digits_double_at_every_step(factor: float, order: int) -> None:
    from experiments.lab.run.observed_rate import observed_rate
    from experiments.lab.run.trace import Sample

    digits = [0.3, 0.3 * factor, 0.3 * factor**2, 0.3 * factor**3] if factor > 1 else [1.0, 2.0, 3.0, 4.0]
    seen = observed_rate([Sample(k, 0.0, 0.0, 10.0**-d) for k, d in enumerate(digits)], 0.0)
    assert seen is not None
    assert seen.order == order


def test_a_step_past_the_bound_is_said_to_be() -> None:
    known = reference(SPEC)
    assert known.spectrum is not None
    outcome = run_cell(problem(SPEC), GradientDescent(3.0 / known.spectrum.L), 0, Rule(), known)
    assert outcome.status == "diverged"
    assert "1.5 times 2/L" in outcome.reason


def test_coefficients_that_fit_the_rounding_of_dependent_columns_are_called_overlong() -> None:
    """Below f* in a ball only longer coefficients lie; inside the ball such an f contradicts the lab itself."""
    objective = problem(SPEC)
    length = float(np.linalg.norm(minimum()))
    known = refer(objective)
    above = replace(known, lower=known.lower + 0.2, upper=known.upper + 0.2)
    script = Script(lambda k: minimum(), Timer())
    short = replace(above, ball=Ball(0.5 * length, 0.0, (1.0,) * objective.dim))
    outcome = run_cell(objective, script, 0, Rule(), short, now=Timer())
    assert outcome.status is Status.OVERLONG
    assert "its theta is 20 times as long as the shortest minimiser" in outcome.reason
    for consistent in (above, replace(above, ball=Ball(2 * length, 0.0, (1.0,) * objective.dim))):
        outcome = run_cell(objective, script, 0, Rule(), consistent, now=Timer())
        assert outcome.status is Status.LOST
        assert outcome.reason.startswith("a fault of the lab: f is 0.")
    assert run_cell(objective, script, 0, Rule(), replace(known, ball=short.ball), now=Timer()).solved


def test_bounds_that_contradict_each_other_are_a_fault_of_the_lab() -> None:
    with pytest.raises(LabFault, match=r"the lower bound 2\.0 of f\* is above the upper bound 1\.0"):
        Reference(2.0, 1.0, 3)
