"""A result as files: JSON, CSV, pictures and the page, all from the same rows and figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experiments.lab.analysis.results import SCHEMA, Result
from experiments.lab.analysis.why import why
from experiments.lab.experiment import Answer
from experiments.lab.store.store import StoreError, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_json(result: Result, answer: Answer) -> dict[str, Any]:
    """One object: experiment, verdicts, cells, references, environment and the schema's version."""
    return {
        "schema_version": SCHEMA,
        "experiment": result.name,
        "command": result.command,
        "verdicts": list(answer.verdicts),
        "cells": [plain(record) for record in records(result)],
        "settings": plain(result.settings),
        "readings": [plain(read.record()) for read in result.reads],
        "tables": [plain(asdict(table)) for table in answer.tables],
        "references": {
            problem: plain({name: getattr(known, name) for name in ("lower", "upper", "known", "dim", "notes")})
            for problem, known in result.references.items()
        },
        "environment": result.environment,
        "unfinished": result.unfinished,
    }


def records(result: Result) -> list[dict[str, Any]]:
    """Every row as JSON and CSV hold it, with why it did not win."""
    return [row.record() | {"why": why(row, result)} for row in result.rows]


def write(folder: Path, answered: Sequence[tuple[Result, Answer]], pictures: bool = True) -> Path:
    """Write result, table and figures of each run, and the page of all, into `folder`; the page's path.

    pictures: whether figures are drawn for print too, which takes a third of a second each. Raises StoreError where
    the folder cannot be written.
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
        _write_csv(folder / f"{result.name}.csv", [plain(record) for record in records(result)])
        if result.reads:
            _write_csv(folder / f"{result.name}-readings.csv", [plain(read.record()) for read in result.reads])
        drawn: set[str] = set()
        for figure in answer.figures if pictures else ():
            stem = stem_of(result.name, figure)
            while stem in drawn:
                stem += "-"
            drawn.add(stem)
            save(figure, folder / "figures", stem)
    return write_page(folder / "report.html", [Section(result, answer) for result, answer in answered])


def _write_csv(path: Path, records: Sequence[dict[str, Any]]) -> None:
    names = dict.fromkeys(name for record in records for name in record)
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(names) or ["problem"], restval="")
        table.writeheader()
        table.writerows({key: _safe(value) for key, value in record.items()} for record in records)


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, made text again."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
