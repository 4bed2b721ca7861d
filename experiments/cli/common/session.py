"""One run of the command line: conduct, write, print, and end with the code that says what came of it."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import click

from experiments.cli.common.interrupts import Interrupted
from experiments.cli.common.terminal import progress, show
from experiments.comparison.experiment_file import ConfigError
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.run_experiment import conduct
from experiments.lab.spec.grammar import SpecError
from experiments.lab.store.store import Store, StoreError
from experiments.lab.workers.engine import Local, NoReference
from experiments.questions.finding import answer_to
from experiments.report.files import as_json, write
from problems.foundation.checks import DataError

USAGE, STRICT, NOTHING, UNREADABLE = 2, 3, 4, 5


@contextmanager
def refusals() -> Iterator[None]:
    """Errors that a person can mend, as one sentence on stderr and the exit code that goes with it."""
    try:
        yield
    except DataError as error:
        _fail(UNREADABLE, error)
    except (SpecError, ConfigError, StoreError) as error:
        _fail(USAGE, error)
    except NoReference as error:
        _fail(1, error)


def _fail(code: int, error: Exception) -> NoReturn:
    click.echo(f"solverlab: {error}", err=True)
    sys.exit(code)


def conducted(
    experiments: Sequence[Experiment], options: Options, folder: Path, jobs: int, fresh: bool, pictures: bool = True
) -> list[tuple[Result, Answer]]:
    """Run experiments into one folder and write its files; when interrupted, what has finished is kept."""
    command = shlex.join(["solverlab", *sys.argv[1:]])
    try:
        with Store(folder, fresh=fresh) as store:
            with Local(jobs) as engine, progress() as bar:
                results = [conduct(each, options, store, engine, command, bar) for each in experiments]
            if store.damaged:
                click.echo(f"solverlab: damaged records of {store.path} were set aside: {len(store.damaged)}", err=True)
        answered = [(result, answer_to(result)) for result in results]
        write(folder, answered, pictures)
    except Interrupted as interrupted:
        again = shlex.join(part for part in shlex.split(command) if part != "--fresh")
        click.echo(f"\nInterrupted; what has finished is kept in {folder}. To go on: {again}", err=True)
        sys.exit(128 + interrupted.number)
    return answered


def finish(answered: Sequence[tuple[Result, Answer]], folder: Path, as_object: bool, strict: bool) -> None:
    """Print results, as JSON or for a person, and exit with the code that they call for."""
    for result, answer in answered:
        if as_object:
            click.echo(json.dumps(as_json(result, answer), indent=1, allow_nan=False))
        else:
            show(result, answer)
    if not as_object:
        click.echo(f"\nThe page: {folder / 'report.html'}   pictures: {folder / 'figures'}")
    rows = [row for result, _ in answered for row in result.rows]
    if strict and any(row.broken for row in rows):
        sys.exit(STRICT)
    reads = [read for result, _ in answered for read in result.reads]
    if strict and not all(read.good for read in reads):
        sys.exit(STRICT)
    if not any(row.solved for row in rows) and not any(read.good for read in reads):
        sys.exit(NOTHING)
