"""The noise floor of SGD follows theory, and the sentences of `batch-size` follow from the numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult, measurement_of
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import Spec, parse, spec
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.batch_size import COMPARED, EXPERIMENT, QUICK, answer, measurements
from experiments.questions.batch_size import SETTINGS as DEFAULTS
from experiments.questions.batch_size.best_steps import best_batches, best_steps, by_batch, pass_costs
from experiments.questions.batch_size.compared_solvers import final_gaps, gap_curves
from experiments.questions.batch_size.noise_floor import Law, curvature, floor, laws, laws_sentence

pytestmark = pytest.mark.xdist_group("batch-size")  # its tests share a run

PROBLEM = parse("linear-regression(n=512, d=3, condition=2, noise=0.5)")
SETTINGS = {
    "n": 512, "d": 3, "condition": 4.0, "batches": [1, 8, 24, 512], "tolerances": [1e-2], "passes": 30, "data": None,
    "target": None,
}  # fmt: skip


def floors(batches: tuple[int, ...], shares: tuple[float, ...]) -> list[MeasurementResult]:
    planned = [
        measurement_of(floor, problem=PROBLEM, batch=batch, share=share, seed=0)
        for batch in batches
        for share in shares
    ]
    return [MeasurementResult(plan, MeasuredValues(floor(**dict(plan.given)))) for plan in planned]


def test_floors_depend_on_step_over_batch_alone_with_theory_s_powers() -> None:
    by_regime = {law.regime: law for law in laws(floors((1, 4, 16), (0.8, 0.4, 0.01, 0.005, 0.002)))}
    strong = by_regime["an epoch contracts strongly"]
    weak = by_regime["an epoch contracts weakly and all batches have one size"]
    assert strong.step == pytest.approx(1, abs=0.5)
    assert (strong.theory, weak.theory) == (1.0, 3.0)
    for power in (weak.step, weak.batch):
        assert power == pytest.approx(3, abs=0.4)


def test_a_smaller_last_batch_leaves_a_floor_proportional_to_the_step() -> None:
    (law,) = laws(floors((24,), (0.03, 0.01, 0.003)))
    assert law.regime == "an epoch contracts weakly and the last batch is smaller"
    assert law.step == pytest.approx(1, abs=0.4)
    assert (law.batch, law.floors, law.theory) == (None, 3, 1.0)


def test_a_step_too_short_to_settle_has_no_floor() -> None:
    (measured,) = floors((1,), (1e-9,))
    assert measured["floor"] is None
    assert measured["equal_batches"]


def test_the_curvature_of_a_batch_goes_from_a_row_s_to_the_whole() -> None:
    between = [curvature(100, batch, 1.0, 20.0) for batch in (1, 10, 50, 100, 1000)]
    assert between == sorted(between, reverse=True)
    assert (between[0], between[-1]) == (20.0, 1.0)


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return run_experiment(EXPERIMENT, Options(quick=True, repeats=1, settings=SETTINGS), store, engine)


def with_floors(result: Result, change: Callable[[MeasurementResult], float]) -> Result:
    """The result with every floor changed."""
    changed = [
        MeasurementResult(known.measurement, MeasuredValues({**known.measured.values, "floor": change(known)}))
        if known["floor"]
        else known
        for known in result.measured(floor.__name__)
    ]
    return dataclasses.replace(result, measurements=changed)


def test_the_powers_of_the_floors_are_told(result: Result) -> None:
    squared = answer(with_floors(result, lambda known: (known["step"] / known["batch"]) ** 2))
    (sentence, *_) = squared.verdicts
    assert sentence.startswith("On linear-regression the noise floor of SGD grows like step^2 / batch^2 where ")
    assert "contracts weakly and all batches have one size (power in theory: 3)" in sentence
    assert "like step^2 where an epoch contracts weakly and the last batch is smaller (power in theory: 1)" in sentence
    about = [sentence for sentence in answer(result).verdicts if "noise floor" in sentence]
    assert [sentence.split()[1] for sentence in about] == ["linear-regression", "logistic"]
    assert {row[0] for row in squared.tables[0].rows} == {"linear-regression", "logistic"}
    for _, regime, step, batch, _, _ in squared.tables[0].rows:
        assert step == pytest.approx(2)
        assert batch == (None if regime.endswith("the last batch is smaller") else pytest.approx(2))  # type: ignore[union-attr]
    law = Law("it rains", 1.0, None, 5, 3.0)
    assert laws_sentence("x", [law]) == (
        "On x the noise floor of SGD grows like step^1 where it rains (power in theory: 3)."
    )
    assert laws_sentence("x", []) is None


def test_its_figures_cover_both_problems(result: Result) -> None:
    answered = answer(result)
    assert {figure.name for figure in answered.figures} == {
        "linear-regression", "logistic", "passes", "seconds",
        *(f"floor {kind} {name}" for kind in ("step", "ratio") for name in ("linear-regression", "logistic")),
    }  # fmt: skip
    by_step = next(figure for figure in answered.figures if figure.name == "floor step logistic")
    labels = [line.label for line in by_step.lines]  # type: ignore[union-attr]
    assert labels == ["batch 1", "batch 8", "batch 24, last one smaller", "slope 1", "slope 3"]
    slopes = {line.label: line for line in by_step.lines if line.guide}  # type: ignore[union-attr]
    for power in (1, 3):
        x, y = slopes[f"slope {power}"].x, slopes[f"slope {power}"].y
        assert (y[1] / y[0]) == pytest.approx((x[1] / x[0]) ** power)


def row(
    batch: int, passes: float | None, seconds: float = 1.0, step: float = 0.5, tolerance: float = 0.01
) -> CellResult:
    """A run of SGD that took so many passes and seconds, or that did not reach the tolerance."""
    status = Status.BUDGET if passes is None else Status.SOLVED
    outcome = Outcome(status, passes=passes, seconds=seconds)
    return CellResult(PROBLEM, spec("sgd", step=step, batch=batch), 0, Rule(tolerance), [outcome], "to it")


def test_the_best_step_takes_the_fewest_passes() -> None:
    rows = [row(4, 8, step=0.1), row(4, 5, seconds=2.0, step=0.2), row(4, None, step=0.4), row(1, None)]
    rows.append(CellResult(PROBLEM, spec("sgd"), 0, Rule(0.01), [Outcome(Status.SOLVED, passes=1.0)]))
    one, four = best_steps(rows)
    assert (one.batch, one.step, one.passes, one.seconds) == (1, None, None, None)
    assert (four.batch, four.step, four.passes, four.seconds) == (4, 0.2, 5, 2.0)


def test_the_best_batch_sizes_are_named() -> None:
    rows = [row(1, 5, 3.0), row(16, 9, 0.5), row(64, None), row(1, None, tolerance=1e-4), row(16, 7, tolerance=1e-4)]
    assert best_batches(best_steps(rows)) == [
        "On linear-regression a batch of 1 reaches 0.01 in the fewest passes, 5. A batch of 16 takes the least time, "
        "500 ms. No step reaches it with a batch of 64.",
        "On linear-regression a batch of 16 reaches 0.0001 in the fewest passes, 7, and in the least time, 1 s. No "
        "step reaches it with a batch of 1.",
    ]
    tied = best_batches(best_steps([row(1, 5, 3.0), row(4, 5, 2.0), row(16, 9, 4.0)]))
    assert tied == [
        "On linear-regression a batch of 1 or 4 reaches 0.01 in the fewest passes, 5. A batch of 4 takes the least "
        "time, 2 s."
    ]
    assert best_batches(best_steps([row(1, None)])) == ["On linear-regression no batch size reaches 0.01."]


def test_a_pass_s_cost_is_compared_in_the_right_order() -> None:
    rows = [row(1, 2, 6.0), row(8, 3, 3.0), row(64, 4, 2.0)]
    assert pass_costs(best_steps(rows)) == (
        "On linear-regression a pass takes 3 s with a batch of 1 and 500 ms with a batch of 64, a ratio of 6x."
    )
    assert pass_costs(best_steps(rows[:1])) is None
    figure = by_batch(best_steps([*rows, row(128, None)]), "seconds")
    assert figure is not None
    assert [(line.label, line.x, line.y) for line in figure.lines] == [
        ("linear-regression to 0.01", [1.0, 8.0, 64.0], [6.0, 3.0, 2.0])
    ]
    assert by_batch(best_steps([row(1, None)]), "passes") is None


def test_who_stays_above_the_tolerance_is_listed_from_the_farthest(result: Result) -> None:
    rows = [known for known in result.rows if known.problem.name == "logistic" and known.solver in COMPARED]
    gaps = {"saga": 0.5, "svrg": 0.25}

    def ended(known: CellResult) -> CellResult:
        short = known.solver.name in gaps
        status, gap = (Status.BUDGET, gaps[known.solver.name]) if short else (Status.SOLVED, 0.0)
        return dataclasses.replace(known, outcomes=[dataclasses.replace(known.typical, status=status, gap=gap)])

    assert final_gaps("it", [ended(known) for known in rows]) == (
        "On it these solvers do not reach 0.01 within 30 passes. Their final f - f*: saga 0.5, svrg 0.25."
    )
    assert final_gaps("it", [ended(known) for known in rows if known.solver.name not in gaps]) is None
    skipped = [dataclasses.replace(rows[0], outcomes=[Outcome(Status.SKIPPED, "it cannot")]), *rows[1:]]
    reference = next(iter(result.references.values()))
    assert gap_curves("it", skipped, reference).shown == [str(known.solver) for known in rows[1:]]


def test_every_run_is_a_row_and_nothing_at_all_is_an_answer_too(result: Result) -> None:
    assert set(COMPARED) <= {known.solver for known in result.rows}
    batches = {known.solver.get("batch") for known in result.rows if known.note}
    assert batches == {1, 8, 24, 512}
    assert answer(dataclasses.replace(result, rows=[], measurements=[])).figures == []


def test_full_gradients_have_no_floor_and_quick_is_smaller() -> None:
    def batches(quick: bool, **given: Any) -> set[int]:
        planned = measurements(Options(quick=quick, settings={**DEFAULTS, **given}))
        return {dict(measurement.given)["batch"] for measurement in planned}

    assert batches(True) == set(QUICK["batches"]) - {4096}
    assert batches(False) == {1, 4, 16, 48, 64, 256}
    assert batches(True, batches=[2, 4096]) == {2}


def test_what_has_no_known_minimum_has_no_floor_but_a_reason(engine: Local, tmp_path: Path) -> None:
    settings = SETTINGS | {"data": "xor", "batches": [1], "passes": 3}
    with Store(tmp_path) as store:
        result = run_experiment(EXPERIMENT, Options(quick=True, repeats=1, settings=settings), store, engine)
    assert result.measurements
    assert all("this needs rows, convexity" in measured.reason for measured in result.measurements)
    assert answer(result).tables[0].rows == []
    assert {known.solver for known in result.rows} >= {Spec("sgd"), Spec("saga")}
