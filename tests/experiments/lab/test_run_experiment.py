"""Which cells are run again: round by round, only what can still win, and nothing that the store has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from experiments.lab.experiment import Experiment, Options
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.outcome import Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import parse
from experiments.lab.store.store import Store

PROBLEM = parse("linear-regression(n=50, d=3)")
TIMES = {"cholesky": 0.001, "qr": 0.002, "svd": 0.5, "lu": 2.0}  # seconds; a budget is 1 s


class FakeEngine:
    """Answers at once: each solver takes its time above, and one that is not listed fails."""

    threads = jobs = 1

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.order: list[str] = []

    def environment(self) -> dict[str, Any]:
        return {}

    def references(self, problems: Iterable[Any]) -> Iterator[tuple[Any, Reference]]:
        return ((problem, Reference(0.0, 0.0, 4)) for problem in problems)

    def measure(self, measurements: Iterable[Any]) -> Iterator[Any]:
        return iter(())

    def outcomes(self, cells: Iterable[tuple[Cell, Reference]]) -> Iterator[tuple[Cell, Outcome]]:
        for cell, _ in cells:
            self.runs[cell.solver.name] += 1
            self.order.append(cell.solver.name)
            seconds = TIMES.get(cell.solver.name)
            solved = seconds is not None
            yield cell, Outcome(Status.SOLVED if solved else Status.STALLED, seconds=seconds or 0.0, cpu=seconds or 0.0)


def experiment(*solvers: str) -> Experiment:
    cells = [Cell(PROBLEM, solver, rule=Rule(seconds=1.0)) for solver in solvers]
    return Experiment("e", "convergence", "", lambda options: [PROBLEM], lambda options, references: cells, repeats=11)


def test_only_what_can_still_win_is_repeated(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Store(tmp_path) as store:
        result = run_experiment(experiment("cholesky", "qr", "svd", "lu", "jacobi"), Options(), store, engine)  # type: ignore[arg-type]
    assert engine.runs["cholesky"] == engine.runs["qr"] == 11
    assert engine.runs["svd"] == 3, "what takes more than ten times the fastest is timed in three rounds"
    assert engine.runs["lu"] == 2, "runs together take less than three budgets"
    assert engine.runs["jacobi"] == 1, "what did not solve the problem is not repeated"
    assert engine.order[:5] == ["cholesky", "qr", "svd", "lu", "jacobi"], "rounds go through all solvers in turn"
    assert {row.solver.name: len(row.outcomes) for row in result.rows} == dict(engine.runs)


def test_what_the_store_has_is_not_run_again(tmp_path: Path) -> None:
    first, second, third = FakeEngine(), FakeEngine(), FakeEngine()
    with Store(tmp_path) as store:
        run_experiment(experiment("cholesky", "jacobi"), Options(), store, first)  # type: ignore[arg-type]
        run_experiment(experiment("cholesky", "jacobi", "qr"), Options(), store, second)  # type: ignore[arg-type]
        run_experiment(experiment("qr"), Options(seed=0, repeats=12), store, third)  # type: ignore[arg-type]
    assert second.runs == {"qr": 11}
    assert third.runs == {"qr": 1}


def test_a_quick_run_repeats_less(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Store(tmp_path) as store:
        run_experiment(experiment("cholesky"), Options(quick=True), store, engine)  # type: ignore[arg-type]
    assert engine.runs["cholesky"] == 5


class Ends(FakeEngine):
    """Each solver ends at its own f, and is solved where that is within the tolerance of the lowest f known."""

    def __init__(self, ends: dict[str, float]) -> None:
        super().__init__()
        self.ends = ends

    def references(self, problems: Iterable[Any]) -> Iterator[tuple[Any, Reference]]:
        return ((problem, Reference(0.0, 1.0, 4, known=1.0, scale=2.0)) for problem in problems)

    def outcomes(self, cells: Iterable[tuple[Cell, Reference]]) -> Iterator[tuple[Cell, Outcome]]:
        for cell, reference in cells:
            self.runs[cell.solver.name] += 1
            gap = (self.ends[cell.solver.name] - reference.goal) / reference.scale
            yield cell, Outcome(Status.SOLVED if gap <= cell.rule.tolerance else Status.STALLED, gap=gap)


def test_a_lower_f_that_a_run_finds_becomes_the_reference_of_all_runs(tmp_path: Path) -> None:
    """What was solved by the higher reference is judged again, and the store holds what is judged by the last one."""
    ends = {"cholesky": 1.0, "qr": 0.4, "svd": 0.4 + 1e-7, "lu": 1.5}
    first, second = Ends(ends), Ends(ends)
    with Store(tmp_path) as store:
        for engine in (first, second):
            result = run_experiment(experiment(*ends), Options(repeats=1), store, engine)  # type: ignore[arg-type]
            assert result.references[PROBLEM].known == 0.4
            assert result.references[PROBLEM].upper == 0.4
            statuses = {row.solver.name: (row.status, round(row.typical.gap, 12)) for row in result.rows}
            assert statuses == {
                "cholesky": (Status.STALLED, 0.3),
                "qr": (Status.SOLVED, 0.0),
                "svd": (Status.SOLVED, 5e-8),
                "lu": (Status.STALLED, 0.55),
            }
    assert set(first.runs.values()) == {2}
    assert not second.runs, "every outcome by either reference is in the store"


def test_a_proven_reference_stays(tmp_path: Path) -> None:
    engine = FakeEngine()
    with Store(tmp_path) as store:
        result = run_experiment(experiment("qr"), Options(repeats=1), store, engine)  # type: ignore[arg-type]
    assert result.references[PROBLEM].known is None
    assert engine.runs["qr"] == 1
