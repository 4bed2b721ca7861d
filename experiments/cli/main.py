"""The command line: `solverlab`."""

from __future__ import annotations

import sys

import click

from experiments.cli.check import check
from experiments.cli.common.interrupts import Interrupted, interruption, listen
from experiments.cli.compare import compare
from experiments.cli.demo import demo
from experiments.cli.explain import explain
from experiments.cli.graph import graph
from experiments.cli.list import list_
from experiments.cli.new import new
from experiments.cli.report import report
from experiments.cli.run import run


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="solver-lab", prog_name="solverlab")
def cli() -> None:
    """Classical and gradient solvers on the same problem, under one referee and one clock.

    Exit codes: 0 ok, 1 internal error, 2 usage or configuration, 3 a cell failed under --strict or a property fell
    under check, 4 nothing reached the tolerance, 5 data unreadable, 130 interrupted with results kept.
    """


for command in (demo, list_, explain, run, compare, check, graph, new, report):
    cli.add_command(command)


def main() -> None:
    """The console script."""
    listen()
    try:
        cli()
    except (Exception, Interrupted) as error:
        interrupted = interruption(error)
        if interrupted is None:
            raise
        click.echo("Interrupted before anything had run.", err=True)
        sys.exit(128 + interrupted.number)
