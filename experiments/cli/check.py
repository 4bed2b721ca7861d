"""`solverlab check`: the properties that a solver must have."""

from __future__ import annotations

import json
import sys

import click

from experiments.cli.common.options import JSON


@click.command()
@click.argument("solver", metavar="NAME|MODULE:CLASS")
@JSON
def check(solver: str, as_object: bool) -> None:
    """Try the properties that a solver of its kind must have.

    Each is tried on many small problems that the solver accepts; where it falls, the smallest that shows it is told.
    Exits with 3 where one fell.
    """
    from experiments.cli.common.session import STRICT, refusals
    from experiments.cli.common.terminal import report_findings
    from experiments.conformance.check import check as findings

    with refusals():
        told = report_findings(findings(solver), as_object)
    if as_object:
        click.echo(json.dumps({"solver": solver, "properties": told, "schema_version": 1}, indent=1))
    sys.exit(STRICT if any(each["verdict"] == "fell" for each in told) else 0)
