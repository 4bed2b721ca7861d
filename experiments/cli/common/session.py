"""One call of the command line: run, write the files, print, and exit with the code that says what happened."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from experiments.cli.common.exits import EXIT_FAILED, EXIT_INTERNAL, EXIT_NOTHING_SOLVED
from experiments.cli.common.interrupts import Interrupted
from experiments.cli.common.terminal import progress, show
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.run_experiment import run_experiment
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local, NoReference
from experiments.questions.finding import answer_to
from experiments.report.files import as_json, write

MOST_NAMED = 5  # damaged records, in a message


def report_damage(store: Store) -> None:
    """Say on stderr how many damaged records were met, and which."""
    if store.damaged:
        names = ", ".join(store.damaged[:MOST_NAMED])
        shown = "".join(letter if letter.isprintable() else "?" for letter in names)
        count = len(store.damaged)
        more = f" and {count - MOST_NAMED} more" if count > MOST_NAMED else ""
        click.echo(f"solverlab: {count} damaged records of {store.path} are not used: {shown}{more}", err=True)


def run_all(
    experiments: Sequence[Experiment], options: Options, folder: Path, jobs: int, fresh: bool, pictures: bool = True
) -> list[tuple[Result, Answer]]:
    """Run experiments into one folder and write its files.

    An interrupt keeps what has finished, says how to continue, and ends the process.
    """
    command = shlex.join(["solverlab", *sys.argv[1:]])
    try:
        with Store(folder, fresh=fresh) as store:
            with Local(jobs) as engine, progress() as bar:
                results = [
                    run_experiment(experiment, options, store, engine, command, bar) for experiment in experiments
                ]
            report_damage(store)
        own_files = [Path(experiment.kind) for experiment in experiments]
        answered = [(result, answer_to(result, own_files)) for result in results]
        write(folder, answered, pictures)
    except NoReference as error:
        click.echo(f"solverlab: {error}", err=True)
        sys.exit(EXIT_INTERNAL)
    except Interrupted as interrupted:
        again = shlex.join(part for part in shlex.split(command) if part != "--fresh")
        click.echo(f"\nInterrupted; what has finished is kept in {folder}. To continue: {again}", err=True)
        sys.exit(128 + interrupted.number)
    return answered


def finish(answered: Sequence[tuple[Result, Answer]], folder: Path, json_output: bool, strict: bool) -> None:
    """Print the results as JSON or as text. Exit with a code if a cell failed under --strict, or if none is solved."""
    for result, answer in answered:
        if json_output:
            click.echo(json.dumps(as_json(result, answer), indent=1, allow_nan=False))
        else:
            show(result, answer)
    if not json_output:
        click.echo(f"\nThe page: {folder / 'report.html'}   pictures: {folder / 'figures'}")
    rows = [row for result, _ in answered for row in result.rows]
    measurements = [measured for result, _ in answered for measured in result.measurements]
    if strict and (any(row.broken for row in rows) or not all(measured.good for measured in measurements)):
        sys.exit(EXIT_FAILED)
    if not any(row.solved for row in rows) and not any(measured.good for measured in measurements):
        sys.exit(EXIT_NOTHING_SOLVED)
