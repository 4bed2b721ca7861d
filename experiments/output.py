"""A result as files: JSON, CSV, pictures and the page, all from the same rows and figures."""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import TABLE
from .lab.plan import Answer
from .lab.results import SCHEMA, Result
from .lab.store import StoreError, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def answer_to(result: Result) -> Answer:
    """The answer that the result's experiment gives."""
    answer: Answer = importlib.import_module(TABLE[result.kind].place).answer(result)
    return answer


def as_json(result: Result, answer: Answer) -> dict[str, Any]:
    """One object: experiment, verdicts, cells, references, environment and the schema's version."""
    return {
        "schema_version": SCHEMA,
        "experiment": result.name,
        "command": result.command,
        "verdicts": list(answer.verdicts),
        "cells": [plain(row.record()) for row in result.rows],
        "references": {
            problem: plain({"lower": known.lower, "upper": known.upper, "dim": known.dim, "notes": known.notes})
            for problem, known in result.references.items()
        },
        "environment": result.environment,
        "unfinished": result.unfinished,
    }


def write(folder: Path, answered: Sequence[tuple[Result, Answer]]) -> Path:
    """Write result, table and figures of each run, and the page of all, into `folder`; the page's path.

    Raises StoreError where the folder cannot be written.
    """
    try:
        return _write(folder, answered)
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror or error}") from None


def _write(folder: Path, answered: Sequence[tuple[Result, Answer]]) -> Path:
    from .figures.draw import save, stem_of
    from .report.page import Section, write_page

    for result, answer in answered:
        text = json.dumps(as_json(result, answer), indent=1, allow_nan=False)
        (folder / f"{result.name}.json").write_text(text + "\n", encoding="utf-8")
        _write_csv(folder / f"{result.name}.csv", result)
        drawn: set[str] = set()
        for figure in answer.figures:
            stem = stem_of(result.name, figure)
            while stem in drawn:
                stem += "-"
            drawn.add(stem)
            save(figure, folder / "figures", stem)
    return write_page(folder / "report.html", [Section(result, answer) for result, answer in answered])


def _write_csv(path: Path, result: Result) -> None:
    records = [plain(row.record()) for row in result.rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(records[0]) if records else ["problem"])
        table.writeheader()
        table.writerows({key: _safe(value) for key, value in record.items()} for record in records)


def _safe(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula, made text again."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
