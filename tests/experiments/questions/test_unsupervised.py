"""The experiment without labels: power iteration follows theory, and the sentences follow from the numbers."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import MeasuredValues, MeasurementResult, measurement_of
from experiments.lab.run.outcome import Status
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import Spec, parse, spec
from experiments.lab.spec.supplied import Named
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions import unsupervised
from experiments.questions.unsupervised import centres, components, pictures

pytestmark = pytest.mark.xdist_group("unsupervised")  # its tests share a run

SMALL: dict[str, Any] = {
    "n": 200, "d": 10, "wide": 20, "ratios": [0.3, 0.6, 0.8], "clusters": 4, "starts": 3, "sizes": [200, 400],
}  # fmt: skip
COMPARED = (parse("pca(n=200, d=10, k=3)"), parse("pca(n=200, d=20, k=3)"))


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("unsupervised")) as store:
        options = Options(quick=True, repeats=1, settings=unsupervised.SETTINGS | SMALL)
        return run_experiment(unsupervised.EXPERIMENT, options, store, engine)


def test_every_measurement_succeeds_and_power_iteration_follows_theory(result: Result) -> None:
    assert [run.reason for run in result.measurements if not run.good] == []
    for run in result.measured("power"):
        assert run["rate"] == pytest.approx(run["theory"], abs=0.01)
        assert run["theory"] == pytest.approx(run["problem"].get("ratio"))
    rows = pictures.tables(result)[0].rows
    assert [row[2] for row in rows] == [run["rate"] for run in result.measured("power")]
    assert any(sentence.endswith("Theory is confirmed.") for sentence in unsupervised.answer(result).verdicts)


def test_the_eigenvalues_split_where_k_says() -> None:
    options = Options(settings=unsupervised.SETTINGS | SMALL | {"k": 2})
    for problem, ratio in zip(unsupervised.sweep(options), SMALL["ratios"], strict=True):
        assert components.power(problem, 0)["theory"] == pytest.approx(ratio)


def test_the_fastest_that_is_named_is_the_fastest_of_the_rows(result: Result) -> None:
    answered = unsupervised.answer(result)
    for problem in COMPARED:
        rows = [row for row in result.of(problem) if row.rule.tolerance == 1e-6]
        first = min((row for row in rows if row.solved), key=lambda row: row.seconds or 0.0)
        (kind,) = (kind for kind, solvers in unsupervised.KINDS.items() if first.solver in solvers)
        beginning = f"On {problem} the first to reach 1e-06 is {first.solver} (one of the {kind}), in "
        assert any(sentence.startswith(beginning) for sentence in answered.verdicts)
        table = [row for row in answered.tables[0].rows if row[:2] == (str(problem), 1e-6)]
        assert {row[2] for row in table} == {str(row.solver) for row in rows}
    closed_forms = [row for row in result.rows if row.solver in unsupervised.CLOSED_FORMS]
    assert closed_forms
    assert all(row.solved and row.typical.iterations == 1 for row in closed_forms)


def test_all_solvers_of_a_kind_that_failed_are_named_as_a_kind(result: Result) -> None:
    rows = [row for row in result.of(COMPARED[0]) if row.rule.tolerance == 1e-6]
    others = [row for row in rows if row.solver not in unsupervised.GRADIENT_METHODS]
    sentence = unsupervised.quickest(COMPARED[0], 1e-6, others)
    assert sentence.endswith("None of the gradient methods reached it.")
    assert "The fastest of the" in sentence


@pytest.mark.parametrize("seed", range(6))
def test_solvers_for_k_means_are_compared_where_their_start_leads_to_the_minimum(seed: int) -> None:
    problem = unsupervised.clusters(Options(seed=seed, settings=unsupervised.SETTINGS | SMALL))
    clusters = centres.clusters_of(problem)
    theta0 = clusters.start(np.random.default_rng(seed))
    assert clusters.gap(centres.run(clusters, centres.LLOYD, theta0, 300, seed).theta) < 1e-12


def test_without_success_or_measurements_the_answer_says_so_or_is_empty(result: Result) -> None:
    rows = [
        dataclasses.replace(row, outcomes=[dataclasses.replace(row.outcomes[0], status=Status.CRASHED)])
        for row in result.rows
    ]
    answered = unsupervised.answer(dataclasses.replace(result, rows=rows, measurements=()))
    assert f"On {COMPARED[0]} no solver reached 0.01." in answered.verdicts
    assert not any("keeps at least" in sentence for sentence in answered.verdicts)
    empty = unsupervised.answer(dataclasses.replace(result, rows=[], measurements=(), references={}))
    assert (empty.verdicts, empty.figures) == ([], [])


def test_the_variance_that_a_loose_tolerance_keeps(result: Result) -> None:
    def explaining(tolerance: float, solver: Named) -> float:
        return 0.4 if tolerance == 1e-2 and solver == parse("lbfgs") else 0.8

    rows = [
        dataclasses.replace(
            row,
            outcomes=[
                dataclasses.replace(
                    row.outcomes[0],
                    status=Status.SOLVED,
                    measures={"explained": explaining(row.rule.tolerance, row.solver)},
                )
            ],
        )
        for row in result.of(COMPARED[0])
    ]
    assert unsupervised.explained(dataclasses.replace(result, rows=rows), [COMPARED[0]]) == [
        f"On {COMPARED[0]} every run to 0.01 keeps at least 50% of the variance that the best run keeps, which is 80% "
        "of the whole variance."
    ]


def test_iterations_against_the_gap(result: Result) -> None:
    swept = [row for row in result.rows if row.problem.get("ratio") and row.solver in unsupervised.SWEPT]
    gaps = {row.problem: 1 - row.problem.get("ratio") for row in swept}

    def with_iterations(power: int, solver: str) -> list[Any]:
        return [
            dataclasses.replace(
                row,
                outcomes=[
                    dataclasses.replace(
                        row.outcomes[0], status=Status.SOLVED, iterations=round(1000 * gaps[row.problem] ** power)
                    )
                ],
            )
            for row in swept
            if row.solver == Spec(solver)
        ]

    rows = [*with_iterations(-2, "lbfgs"), *with_iterations(0, "pca-svd")]
    assert unsupervised.slower(gaps, rows) == (
        "The gap is 1 - lambda_(k+1)/lambda_k. The iterations to 1e-06 are proportional to gap^-2.00 for lbfgs. Those "
        "of pca-svd do not depend on the gap. Theory for power iteration is gap^-1 where the gap is small."
    )


def ends(solver: str, problem: Spec, f: list[float]) -> MeasurementResult:
    given = measurement_of(centres.ends, problem=problem, solver=Spec(solver), most=1, starts=len(f), seed=0)
    return MeasurementResult(given, MeasuredValues({"f": f, "iterations": 1.0, "seconds": 1.0}))


def test_the_share_at_the_lowest_f_and_how_many_starts_are_needed() -> None:
    runs = [
        ends("lloyd", spec("k-means"), [1.0, 1.005, 1.5, 2.0]),
        ends("sgd", spec("k-means", init="random"), [2.0, 1.2]),
    ]
    assert centres.shares(runs) == {(Spec("lloyd"), "k-means++"): 0.5, (Spec("sgd"), "random"): 0.0}
    assert centres.lowest(runs)[0] == (
        "From k-means++ starts 50% of the runs of lloyd end within 1% of the lowest f of all runs, as of every other "
        "method. Of those of lloyd 50% do, so that 7 starts reach it with a probability of 99%."
    )
    runs.append(ends("lbfgs", spec("k-means"), [1.0] * 4))
    assert centres.lowest(runs)[0].startswith("From k-means++ starts 100% of the runs of lbfgs end within 1%")
    assert ", and 50% of those of lloyd." in centres.lowest(runs)[0]


def grown(n: int, seed: int, **values: Any) -> MeasurementResult:
    given = measurement_of(centres.growth, problem=spec("k-means"), rows=n, seed=seed)
    usual = {"n": n, "f": 1.0, "iterations": 20, "seconds": 4.0, "near_seconds": 1.0}
    mini = {"mini_f": [1.1, 1.05, 1.005, 1.0], "mini_seconds": [0.5, 1.0, 2.5, 5.0]}
    return MeasurementResult(given, MeasuredValues({**usual, **mini, **values}))


def test_mini_batches_against_lloyd_s_algorithm_on_the_most_rows() -> None:
    runs = [grown(10, 0, seconds=9.0), *(grown(1000, seed, f=f) for seed, f in enumerate((0.9, 1.0, 1.2)))]
    assert centres.larger(runs) == (
        "On 1000 rows Lloyd's algorithm ends after 20 iterations and 4 s. One epoch of mini-batches takes 500 ms, "
        "0.12x the time, and its f is 10% higher. To reach an f within 1% of that end Lloyd's algorithm takes 1 s "
        "and mini-batches 2.5 s."
    )
    slow = centres.larger([grown(10, 0, seconds=0.25, mini_f=[0.98] + [1.0] * 3)])
    assert slow is not None
    assert "500 ms, 2x the time, and its f is 2% lower" in slow
    far = centres.larger([grown(10, 0, mini_f=[1.1] * 4)])
    assert far is not None
    assert far.endswith("mini-batches more than 10 epochs.")
    assert centres.larger([]) is None


def test_a_run_of_lloyd_s_algorithm_ends_at_the_means_of_its_clusters() -> None:
    problem = parse("k-means(n=60, clusters=3, k=3, spread=0.1)")
    clusters = centres.clusters_of(problem)
    theta0 = clusters.X[:3].ravel()
    end = centres.run(clusters, centres.LLOYD, theta0, 300, 0)
    assert abs(clusters.value_and_gradient(end.theta)[1]).max() < 1e-12
    once = centres.run(clusters, centres.LLOYD, theta0, 1, 0)
    assert (once.iterations, end.iterations < 300) == (1, True)
    assert centres.iterations_to(clusters, theta0, clusters.value(once.theta), 0, 300) == 1
    peer = centres.run(clusters, parse("sklearn-k-means"), theta0, 300, 0)
    assert math.isnan(peer.iterations)
    assert clusters.value(peer.theta) == pytest.approx(clusters.value(end.theta))


def test_a_smaller_step_of_oja_s_rule_has_a_lower_floor_and_a_tiny_one_does_not_reach_it() -> None:
    problem = parse("pca(n=200, d=10, k=2)")
    floors = [components.oja(problem, step, "constant", 60, 0)["floor"] for step in (1.0, 0.1, 1e-4)]
    assert 0 < floors[1] < floors[0] / 5
    assert floors[2] is None


def test_sentences_of_oja_s_rule_follow_from_the_numbers() -> None:
    def run(step: float, schedule: str, floor: float | None, gaps: list[float]) -> MeasurementResult:
        given = measurement_of(
            components.oja, problem=spec("pca"), step=step, schedule=schedule, epochs=len(gaps), seed=0
        )
        return MeasurementResult(given, MeasuredValues({"gaps": gaps, "floor": floor}))

    runs = [run(step, "constant", step**2, [1.0]) for step in (1.0, 0.3, 0.1)]
    runs.append(run(1.0, "inverse", None, [1 / (k + 1) for k in range(100)]))
    assert components.noise_floors(runs) == [
        "With a constant step Oja's rule stops improving at a noise floor: f - f* = 1 with a step of 1/max |x|^2, and "
        "0.01 with 0.1/max |x|^2. The floor is proportional to step^2.",
        "With steps proportional to 1/t it continues to improve: f - f* is proportional to t^-1, and 0.01 after 100 "
        "epochs.",
    ]


def test_a_user_s_rows_take_the_place_of_synthetic_ones(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("a,b,c,kind\n" + "".join(f"{k},{k * k % 7},{k % 3},{k % 2}\n" for k in range(30)))
    options = Options(settings=unsupervised.SETTINGS | {"data": str(file), "target": "kind", "k": 1, "sizes": [10, 20]})
    problems = unsupervised.problems(options)
    assert {problem.get("k") for problem in problems if problem.name == "pca"} == {1, 2}
    assert all((problem.get("data"), problem.get("target")) == (str(file), "kind") for problem in problems)
    growths = [measurement for measurement in unsupervised.measurements(options) if measurement.name == "growth"]
    assert len(growths) == 2 * centres.STARTS_BY_ROWS
    for measurement in growths[:: centres.STARTS_BY_ROWS]:
        given = dict(measurement.given)
        assert centres.growth(**given | {"problem": given["problem"].where(k=3)})["n"] == given["rows"]
