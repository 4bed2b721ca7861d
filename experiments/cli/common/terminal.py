"""What a person sees in a terminal: verdicts and tables on stdout, progress on stderr."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from experiments.conformance.examine import Finding
from experiments.figures.records import Table as TableData
from experiments.figures.records import short
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import duration, factor
from experiments.lab.analysis.why import why
from experiments.lab.experiment import Answer

WIDE = 160  # characters in a line where stdout is a file or a pipe
ROOM = 130  # characters that the whole table wants
BRIEF = ("solver", "status", "time", "iterates", "gap")
ROOMY = (*BRIEF[:3], "interval", "iterates", "passes", "gap", "rate", "theory", "why")
VERDICTS = {"held": "green", "fell": "bold red"}
COLOURS = {"solved": "green", "budget": "yellow", "stalled": "yellow"}


def console() -> Console:
    """stdout, without colours where it is not a terminal or NO_COLOR is set."""
    return Console(width=None if sys.stdout.isatty() else WIDE, highlight=False)


def show(result: Result, answer: Answer) -> None:
    """The verdicts, and a table for each problem: every run is a row, whatever became of it."""
    out = console()
    for sentence in answer.verdicts:
        out.print(Text(sentence), soft_wrap=True)
    for problem in () if answer.tables else result.problems:  # what sums the runs up stands for them; the page has all
        reference = result.references.get(problem)
        out.print(Text(f"\n{problem}", style="bold"))
        for note in reference.notes if reference else ():
            out.print(Text(f"{note}", style="dim"))
        ran = sorted((row for row in result.of(problem) if row.status != "skipped"), key=lambda row: row.merit)
        if ran:
            out.print(_table(ran, ROOMY if out.width >= ROOM else BRIEF, result))
        if out.width < ROOM:
            for row in ran:
                if lost := why(row, result) if row.solved else row.typical.reason:
                    out.print(Text(f"{row.name}: {lost}"), soft_wrap=True)
        for reason, solvers in _refusals(result.of(problem)).items():
            out.print(Text(f"skipped: {', '.join(solvers)}: {reason}", style="dim"), soft_wrap=True)
    for table in answer.tables:
        out.print(Text(f"\n{table.title}", style="bold"))
        out.print(_plain_table(table))
    for read in result.reads:
        if not read.good:
            given = ", ".join(f"{key}={value}" for key, value in read.trial.given)
            out.print(Text(f"{read.trial.name}({given}): {read.reading.reason}", style="red"), soft_wrap=True)
    if result.unfinished:
        out.print(Text(f"{result.unfinished} cells or trials have not run yet; the same command goes on with them."))


def _table(rows: Sequence[Row], columns: Sequence[str], result: Result) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in columns:
        words = name in ("solver", "status", "why")
        table.add_column(name, justify="left" if words else "right", no_wrap=not words, overflow="fold")
    for row in rows:
        cells = _cells(row, result)
        table.add_row(*(cells[name] for name in columns))
    return table


def _plain_table(table: TableData) -> Table:
    shown = Table(box=None, pad_edge=False)
    for k, name in enumerate(table.columns):
        words = any(isinstance(row[k], str) for row in table.rows)
        shown.add_column(name, justify="left" if words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(short(value)) for value in row))
    return shown


def _refusals(rows: Sequence[Row]) -> dict[str, list[str]]:
    """The solvers that could not take the problem, by reason."""
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.status == "skipped" and row.solver not in found.setdefault(row.typical.reason, []):
            found[row.typical.reason].append(row.solver)
    return found


def _cells(row: Row, result: Result) -> dict[str, Text]:
    first, between = row.typical, row.interval
    return {
        "solver": Text(row.name + (f" seed {row.seed}" if row.seed else "")),
        "status": Text(row.status, style=COLOURS.get(row.status, "red")),
        "time": Text(duration(row.seconds) if row.seconds is not None else ""),
        "interval": Text(f"{duration(between[0])} to {duration(between[1])}" if between else ""),
        "iterates": Text(str(first.iterations)),
        "passes": Text("unknown" if first.passes is None else f"{first.passes:.4g}"),
        "gap": Text(f"{first.gap:.2g}"),
        "rate": Text(factor(first.observed)),
        "theory": Text(factor(first.predicted)),
        "why": Text(why(row, result) if row.solved else first.reason),
    }


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr; nothing where stderr is not a terminal or CI is set."""
    quiet = not sys.stderr.isatty() or bool(os.environ.get("CI"))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("starting workers", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def report_findings(findings: Iterable[Finding], silent: bool) -> list[dict[str, Any]]:
    """The findings as plain data; unless `silent`, each is printed as it comes, and their number at the end."""
    out, told = console(), []
    for finding in findings:
        told.append(dataclasses.asdict(finding))
        if silent:
            continue
        line = Text(f"{finding.verdict:10}", style=VERDICTS.get(finding.verdict, "dim"))
        out.print(line.append(finding.sentence, style=""), soft_wrap=True)
        if finding.seen:
            out.print(Text(f"{'':10}{finding.seen}", style="red"), soft_wrap=True)
            out.print(Text(f"{'':10}on {finding.example}"), soft_wrap=True)
    counts = Counter(each["verdict"] for each in told)
    if not silent:
        out.print(Text("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())))
    return told
