"""The experiment without labels: power iteration keeps to theory, and sentences follow the numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.measurement import Read, Reading, trial
from experiments.lab.run.cell import Outcome
from experiments.lab.run_experiment import conduct
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions import unsupervised
from experiments.questions.unsupervised import centres, components

SMALL = {"n": 200, "d": 10, "wide": 20, "ratios": [0.3, 0.6, 0.8], "clusters": 4, "starts": 3, "sizes": [200, 400]}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("unsupervised")) as store:
        options = Options(quick=True, repeats=1, settings=SMALL)
        return conduct(unsupervised.EXPERIMENT, options, store, engine)


def test_every_reading_is_good_and_power_iteration_keeps_to_theory(result: Result) -> None:
    assert [read.reading.reason for read in result.reads if not read.good] == []
    for read in result.read("power"):
        assert read["seen"] == pytest.approx(read["theory"], abs=0.01)
        assert read["theory"] == pytest.approx(float(read["problem"].rpartition("=")[2][:-1]))
    table = {row[0]: row[2] for row in components.tables(result)[0].rows}
    assert list(table.values()) == [read["seen"] for read in result.read("power")]


def test_the_first_that_is_named_is_the_first_of_the_rows(result: Result) -> None:
    answer = unsupervised.answer(result)
    for problem in ("pca(n=200, d=10, k=3)", "pca(n=200, d=20, k=3)"):
        rows = [row for row in result.of(problem) if row.rule.tolerance == 1e-6]
        first = min((row for row in rows if row.solved), key=lambda row: row.seconds or 0.0)
        assert any(v.startswith(f"To 1e-06 on {problem} the first is {first.solver},") for v in answer.verdicts)
        told = [row for row in answer.tables[0].rows if row[:2] == (problem, 1e-6)]
        assert {row[2] for row in told} == {row.solver for row in rows}
    closed = [row for row in result.rows if row.solver in unsupervised.CLOSED]
    assert closed
    assert all(row.solved and row.typical.iterations == 1 for row in closed)


def test_where_nobody_arrived_or_nothing_was_measured_it_is_said_or_left_out(result: Result) -> None:
    rows = [dataclasses.replace(row, outcomes=[failed(row.outcomes[0])]) for row in result.rows]
    answer = unsupervised.answer(dataclasses.replace(result, rows=rows, reads=()))
    assert "On pca(n=200, d=10, k=3) nobody reached 0.01." in answer.verdicts
    assert unsupervised.answer(dataclasses.replace(result, rows=[], reads=(), references={})).verdicts == []


def failed(outcome: Outcome) -> Outcome:
    return dataclasses.replace(outcome, status="crashed", reason="its process ended")


def test_the_share_at_the_lowest_f_counts_ends_and_says_how_many_starts_are_needed() -> None:
    def read(solver: str, problem: str, f: list[float]) -> Read:
        asked = trial(centres.ends, problem=problem, solver=solver, most=1, starts=len(f), seed=0)
        return Read(asked, Reading({"f": f, "iterates": 1.0, "seconds": 1.0}))

    reads = [read("lloyd", "k-means", [1.0, 1.005, 1.5, 2.0]), read("sgd", "k-means(init=random)", [2.0, 1.2])]
    assert centres.shares(reads) == {("lloyd", "k-means++"): 0.5, ("sgd", "random"): 0.0}
    assert centres.lowest(reads)[0] == (
        "From k-means++ starts 50% of the runs of lloyd end within 1% of the lowest f of all, as of all others; "
        "lloyd, with 50%, takes 7 starts to get there 99% of the time."
    )


def test_a_smaller_step_of_oja_s_rule_settles_lower_and_a_tiny_one_has_not_come_down() -> None:
    floors = [components.oja("pca(n=200, d=10, k=2)", share, "constant", 60, 0)["floor"] for share in (1.0, 0.1, 1e-4)]
    assert 0 < floors[1] < floors[0] / 5
    assert floors[2] is None


def test_a_person_s_own_rows_are_asked_about_in_the_place_of_drawn_ones(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("a,b,c,kind\n" + "".join(f"{k},{k * k % 7},{k % 3},{k % 2}\n" for k in range(30)))
    settings = unsupervised.SETTINGS | {"data": str(file), "target": "kind", "k": 1, "sizes": [10, 20]}
    asked = unsupervised.problems(Options(settings=settings))
    assert asked
    assert all(str(file) in problem and "target=kind" in problem for problem in asked)
    for each in unsupervised.trials(Options(settings=settings)):
        if each.name == "growth":
            given = dict(each.given)
            assert centres.growth(**given)["n"] == given["rows"]
