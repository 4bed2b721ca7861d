"""The command line: `solverlab`."""

from __future__ import annotations

import sys

import click

from experiments.cli.calibrate import calibrate
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
    """Compare classical and gradient solvers on the same problem, under one referee and one clock.

    \b
    Exit codes:
      0         success
      1         internal error
      2         wrong usage or configuration
      3         a cell failed (run and compare, with --strict), or a property failed (check)
      4         no cell reached its tolerance and no measurement succeeded
      5         data cannot be read
      130, 143  interrupted; finished results are kept
    """  # noqa: D301  (\b is click's mark for lines that are not to be joined)


for command in (demo, list_, explain, run, compare, check, calibrate, graph, new, report):
    cli.add_command(command)


def main() -> None:
    """Run the command line, and end the process with its exit code."""
    listen()
    try:
        cli()
    except (Exception, Interrupted) as error:
        interrupted = interruption(error)
        if interrupted is None:
            raise
        click.echo("Interrupted before anything was run.", err=True)
        sys.exit(128 + interrupted.number)
