"""A finished cell is found again if and only if all that it depends on is the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from experiments.lab.measurement.measurement import Measurement
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse
from experiments.lab.spec.supplied import supplied
from experiments.lab.store import keys
from experiments.lab.store.keys import cell_key, measurement_key, reference_key
from solvers.first_order.descent import GradientDescent

BASE: dict[str, Any] = {"problem": "logistic(n=50)", "solver": "newton", "seed": 0, "rule": Rule()}


def key(repeat: int = 0, threads: int = 1, jobs: int = 1, **changed: Any) -> str:
    return cell_key(Cell(**{**BASE, **changed}), repeat, threads, jobs)


@pytest.mark.parametrize(
    "changed",
    [
        {"problem": "logistic(n=51)"},
        {"solver": "lbfgs"},
        {"solver": "newton-cg"},
        {"seed": 1},
        {"rule": Rule(tolerance=1e-7)},
        {"rule": Rule(keep=3)},
        {"repeat": 1},
        {"threads": 2},
        {"jobs": 2},
    ],
)
def test_each_part_of_a_cell_is_part_of_its_key(changed: dict[str, Any]) -> None:
    assert key(**changed) != key()
    assert key(**changed) == key(**changed)


def test_what_is_only_shown_is_no_part_of_it() -> None:
    assert key(note="beside the name") == key()


def test_the_content_of_a_data_file_is_part_of_the_key(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    specs = [f'logistic(data="{file}")', f'logistic(data=table(file="{file}"))']
    before, after = [], []
    for kept, last in ((before, "1"), (after, "0")):
        file.write_text(f"a,y\n1,0\n2,1\n3,{last}\n")
        keys.file_digests.cache_clear()
        for text in specs:
            kept += [key(problem=text), reference_key(parse(text), 1)]
            kept.append(measurement_key(Measurement("tests.helpers.measurements:doubled", (("x", parse(text)),)), 1, 1))
    assert not set(before) & set(after)


def test_the_source_that_runs_is_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, ...]] = []

    def edited(*modules: str) -> str:
        seen.append(modules)
        return "edited"

    before = key()
    monkeypatch.setattr(keys, "_source", edited)
    assert key() != before
    key(problem="network(data=moons)")
    named = {module for modules in seen for module in modules}
    assert {"problems.linear.logistic", "solvers.second_order.newton", "problems.data.synthetic.shapes"} <= named


def test_the_versions_and_the_processor_are_part_of_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key()
    for part in ("versions", "processor"):
        with monkeypatch.context() as patch:
            keys._machine.cache_clear()
            patch.setattr(keys, part, lambda: "another")
            assert key() != before
    keys._machine.cache_clear()
    assert key() == before


def test_an_object_is_known_by_its_content() -> None:
    one, other = (supplied(GradientDescent(step)) for step in (0.1, 0.2))
    assert key(solver=one) != key(solver=other)
    assert key(solver=supplied(GradientDescent(0.1))) == key(solver=one)
