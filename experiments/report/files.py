"""A result as files: JSON, CSV, pictures and the page, all made from the same rows and figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiments.lab.analysis.results import SCHEMA, Result, theta_error
from experiments.lab.analysis.why import why
from experiments.lab.experiment import Answer
from experiments.lab.store.records import plain
from experiments.lab.store.store import StoreError

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # text that begins with one of these is a formula to a spreadsheet
# what a file tells of a problem's reference
KNOWN = ("lower", "upper", "known", "scale", "scale_of", "condition", "dim", "notes")


def as_json(result: Result, answer: Answer) -> dict[str, Any]:
    """The result as one JSON object: verdicts, cells, races, measurements, references, environment, schema version."""
    return {
        "schema_version": SCHEMA,
        "experiment": result.name,
        "command": result.command,
        "verdicts": list(answer.verdicts),
        "cells": [plain(record) for record in records(result)],
        "races": {str(problem): plain(asdict(race)) for problem, race in result.races.items()},
        "settings": plain(result.settings),
        "measurements": [plain(measured.record()) for measured in result.measurements],
        "tables": [plain(asdict(table)) for table in answer.tables],
        "references": {
            str(problem): plain({name: getattr(known, name) for name in KNOWN})
            for problem, known in result.references.items()
        },
        "environment": result.environment,
        "unfinished": result.unfinished,
    }


def records(result: Result) -> list[dict[str, Any]]:
    """Every row as JSON and CSV hold it, with the error of theta by curvature and the reason why it did not win."""
    return [row.record() | {"theta_error": theta_error(row, result), "why": why(row, result)} for row in result.rows]


def write(folder: Path, answered: Sequence[tuple[Result, Answer]], pictures: bool = True) -> Path:
    """Write the files of each run and one page of all runs into `folder`, and return the path of the page.

    pictures: whether figures are also drawn for print, which takes a third of a second each. Raises StoreError if the
    folder cannot be written.
    """
    try:
        return _write(folder, answered, pictures)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from None


def _write(folder: Path, answered: Sequence[tuple[Result, Answer]], pictures: bool) -> Path:
    from experiments.figures.drawing import save, stem_of
    from experiments.report.page import Section, write_page

    for result, answer in answered:
        text = json.dumps(as_json(result, answer), indent=1, allow_nan=False)
        (folder / f"{result.name}.json").write_text(text + "\n", encoding="utf-8")
        if result.rows:
            _write_csv(folder / f"{result.name}.csv", records(result))
        if result.measurements:
            measurements = [measured.record() for measured in result.measurements]
            _write_csv(folder / f"{result.name}-measurements.csv", measurements)
        drawn: set[str] = set()
        for figure in answer.figures if pictures else ():
            stem = stem_of(result.name, figure)
            while stem in drawn:
                stem += "-"
            drawn.add(stem)
            save(figure, folder / "figures", stem)
    return write_page(folder / "report.html", [Section(result, answer) for result, answer in answered])


def _write_csv(path: Path, records: Sequence[dict[str, Any]]) -> None:
    import pandas as pd

    frame = pd.DataFrame([plain(record) for record in records], dtype=object)
    frame.map(as_text).to_csv(path, index=False, encoding="utf-8")


def as_text(value: Any) -> Any:
    """Text that a spreadsheet would read as a formula, with a quotation mark before it; other values unchanged."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
