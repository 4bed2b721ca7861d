"""What a user sees in a terminal: verdicts and tables on stdout, progress on stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from experiments.figures.records import ResultTable
from experiments.lab.analysis.formats import duration, rate_text, table_cell
from experiments.lab.analysis.results import CellResult, Result, theta_error
from experiments.lab.analysis.why import why
from experiments.lab.experiment import Answer
from experiments.lab.run.outcome import Status
from experiments.lab.spec.supplied import Named

PIPE_WIDTH = 160  # characters in a line where stdout is a file or a pipe
FULL_WIDTH = 130  # characters in a line that the table with all columns needs
FEW_COLUMNS = ("solver", "status", "time", "iterations", "gap")
ALL_COLUMNS = (
    *FEW_COLUMNS[:3], "interval", "iterations", "passes", "gap", "theta error", "digits", "rate", "theory", "why",
)  # fmt: skip
OPTIONAL_COLUMNS = ("theta error", "digits")  # shown where a row has them
STATUS_COLOURS = {Status.SOLVED: "green", Status.BUDGET: "yellow", Status.STALLED: "yellow", Status.LOCAL: "yellow"}


def console() -> Console:
    """stdout; without colours if it is not a terminal, or if NO_COLOR is set."""
    return Console(width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def show(result: Result, answer: Answer) -> None:
    """Print the verdicts and the tables of the answer; if it has none, a table of all runs for each problem."""
    out = console()
    for sentence in answer.verdicts:
        out.print(Text(sentence), soft_wrap=True)
    if not answer.tables:
        for problem in result.problems:
            _show_problem(out, result, problem)
    for table in answer.tables:
        out.print(Text(f"\n{table.title}", style="bold"))
        out.print(plain_table(table))
    for measured in result.measurements:
        if not measured.good:
            call = measured.measurement
            given = ", ".join(f"{key}={value}" for key, value in call.given)
            out.print(Text(f"{call.name}({given}): {measured.reason}", style="red"), soft_wrap=True)
    if result.unfinished:
        unfinished = f"{result.unfinished} cells or measurements have not run yet; the same command runs them."
        out.print(Text(unfinished))


def _show_problem(out: Console, result: Result, problem: Named) -> None:
    """Print every run on the problem, and why solvers were skipped."""
    reference, rows = result.references.get(problem), result.of(problem)
    out.print(Text(f"\n{problem}", style="bold"))
    for note in reference.notes if reference else ():
        out.print(Text(f"{note}", style="dim"))
    ran = sorted((row for row in rows if not row.skipped), key=lambda row: row.merit)
    if ran and reference:
        for note in filter(None, (reference.scale_note(ran[0].rule.absolute), reference.condition_note())):
            out.print(Text(note, style="dim"), soft_wrap=True)
    if ran:
        out.print(_table(ran, ALL_COLUMNS if out.width >= FULL_WIDTH else FEW_COLUMNS, result))
    if out.width < FULL_WIDTH:
        for row in ran:
            if explanation := why(row, result) if row.solved else row.typical.reason:
                out.print(Text(f"{row.name}: {explanation}"), soft_wrap=True)
    for reason, solvers in _refusals(rows).items():
        out.print(Text(f"skipped: {', '.join(solvers)}: {reason}", style="dim"), soft_wrap=True)


def _table(rows: Sequence[CellResult], columns: Sequence[str], result: Result) -> Table:
    table = Table(box=None, pad_edge=False)
    all_cells = [_cells(row, result) for row in rows]
    columns = [name for name in columns if name not in OPTIONAL_COLUMNS or any(cells[name] for cells in all_cells)]
    for name in columns:
        words = name in ("solver", "status", "why")
        table.add_column(name, justify="left" if words else "right", no_wrap=not words, overflow="fold")
    for cells in all_cells:
        table.add_row(*(cells[name] for name in columns))
    return table


def plain_table(table: ResultTable) -> Table:
    """A table without lines: numbers to the right, words to the left."""
    shown = Table(box=None, pad_edge=False)
    for k, name in enumerate(table.columns):
        words = any(isinstance(row[k], str) for row in table.rows)
        shown.add_column(name, justify="left" if words else "right", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(table_cell(value)) for value in row))
    return shown


def _refusals(rows: Sequence[CellResult]) -> dict[str, list[str]]:
    """By reason, the solvers that could not take the problem."""
    refused: dict[str, list[str]] = {}
    for row in rows:
        if row.skipped and str(row.solver) not in refused.setdefault(row.typical.reason, []):
            refused[row.typical.reason].append(str(row.solver))
    return refused


def _cells(row: CellResult, result: Result) -> dict[str, Text]:
    outcome, interval = row.typical, row.interval
    return {
        "solver": Text(row.name + (f" seed {row.seed}" if row.seed else "")),
        "status": Text(row.status, style=STATUS_COLOURS.get(row.status, "red")),
        "time": Text(duration(row.seconds) if row.seconds is not None else ""),
        "interval": Text(f"{duration(interval[0])} to {duration(interval[1])}" if interval else ""),
        "iterations": Text(str(outcome.iterations)),
        "passes": Text("unknown" if outcome.passes is None else f"{outcome.passes:.4g}"),
        "gap": Text(f"{outcome.gap:.2g}"),
        "theta error": Text("" if (error := theta_error(row, result)) is None else f"{error:.1g}"),
        "digits": Text(f"{outcome.measures['digits']:.1f}" if "digits" in outcome.measures else ""),
        "rate": Text(rate_text(outcome.observed)),
        "theory": Text(rate_text(outcome.predicted)),
        "why": Text(why(row, result) if row.solved else outcome.reason),
    }


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr; none if stderr is not a terminal, or if CI is set."""
    quiet = not sys.stderr.isatty() or bool(os.environ.get("CI"))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=quiet) as bar:
        task = bar.add_task("starting workers", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)
