"""The Jacobian and the pass back give the same slopes; the sentences of `back-propagation` follow from its numbers."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from experiments.figures.records import Picture
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Options
from experiments.lab.measurement.cost import peak_bytes, storage
from experiments.lab.measurement.measurement import Read, Reading
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.back_propagation import EXPERIMENT, answer, computed, trials
from experiments.questions.back_propagation.jacobians import LAYERS, MEASURES, layer

SETTINGS = {"width": 512, "batch": 4, "megabytes": 1}


@pytest.fixture(scope="module")
def result(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> Result:
    with Store(tmp_path_factory.mktemp("runs")) as store:
        return conduct(EXPERIMENT, Options(quick=True, settings=SETTINGS), store, engine)


def told(result: Result) -> str:
    return " ".join(answer(result).verdicts)


def test_what_the_deck_computes() -> None:
    text = computed(4096, 16)
    assert "16.8 million entries, 64 MB" in text
    assert "4.29 billion entries, 16 GB" in text


@pytest.mark.parametrize("kind", LAYERS)
def test_the_jacobian_s_bytes_are_its_entries_and_its_product_is_the_pass_back_s(kind: str) -> None:
    read = layer(kind, 64, 3, 256, 10.0, 0)
    exact = 4 * (3 * 64) ** 2
    assert exact <= read["bytes with J"] <= 1.2 * exact
    assert read["bytes without"] < 0.1 * exact
    assert read["apart"] < 1e-5
    assert layer(kind, 64, 3, 0, 10.0, 0)["bytes with J"] is None


def test_bytes_that_were_freed_count_for_the_peak_alone() -> None:
    peak = peak_bytes(lambda: len(bytearray(10**6)))
    assert peak.bytes >= 10**6 > 100 * peak.held
    assert storage(3 * 2**20) == "3 MB"


def test_memory_grows_as_theory_says_and_what_does_not_fit_is_foretold(result: Result) -> None:
    assert all(read.good for read in result.reads)
    grown, far = answer(result).tables
    assert [row[:2] for row in grown.rows] == [(kind, rows) for kind in LAYERS for rows in (1, 4)]
    for row in grown.rows:
        assert float(str(row[2]).split()[0]) == pytest.approx(2, abs=0.15)
    activation = far.rows[1]
    assert activation[2] == storage(4 * (4 * 512) ** 2) == "16 MB"
    assert activation[-1] == "foretold"
    assert float(str(activation[3]).removesuffix(" MB")) == pytest.approx(16, rel=0.05)


def test_its_sentences_follow_from_the_numbers(result: Result) -> None:
    assert "(x + y) * z is -8, and one pass back gives its slopes: 4 by x, 4 by y, -2 by z" in told(result)
    assert sum(isinstance(figure, Picture) for figure in answer(result).figures) == 2
    given: dict[str, Any] = {"bytes with J": 3, "bytes without": 2, "seconds with J": 1, "seconds without": 0}
    reads = [
        Read(read.trial, Reading({m: 1e-6 * float(read["width"]) ** p for m, p in given.items()} | {"apart": 0.5}))
        for read in result.reads
    ]
    assert list(given) == list(MEASURES)
    doctored = told(dataclasses.replace(result, reads=reads))
    assert "n^3.00 (2) with the Jacobian and n^2.00 (1) without" in doctored
    assert "within 0.5" in doctored
    failed = [Read(read.trial, Reading(reason="no memory")) for read in result.reads]
    lost = answer(dataclasses.replace(result, reads=failed))
    assert "36 of 36 measurements failed; the first: no memory." in lost.verdicts
    assert lost.tables[0].rows[0] == ("activation", 1, None, None, None, None)


def test_one_s_own_formula_is_drawn_and_a_wrong_one_refused(result: Result) -> None:
    own = {**result.settings, "formula": "sin(x) * y", "at": "x=0, y=2"}
    first = next(figure for figure in answer(dataclasses.replace(result, options={"settings": own})).figures
                 if isinstance(figure, Picture))  # fmt: skip
    assert "sin(x) * y" in first.svg
    with pytest.raises(SpecError, match="never closes"):
        trials(Options(settings={**SETTINGS, "formula": "sin(x", "at": ""}))
    with pytest.raises(SpecError, match="batch 0"):
        trials(Options(settings={**own, **SETTINGS, "batch": 0}))
