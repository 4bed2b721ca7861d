"""`solverlab check`: the properties that a solver must have."""

from __future__ import annotations

import json
import sys

import click

from experiments.cli.common.options import JSON


@click.command()
@click.argument("solver", metavar="NAME|MODULE:CLASS")
@JSON
def check(solver: str, json_output: bool) -> None:
    """Test the properties that a solver of its kind must have.

    Each property is tested on many small problems that the solver accepts. If it fails, the smallest problem that shows
    the failure is printed, and the exit code is 3.
    """
    from experiments.cli.common.exits import EXIT_FAILED, user_errors
    from experiments.cli.common.findings import report_findings
    from experiments.conformance.check import check as findings_of
    from experiments.conformance.examine import Verdict
    from experiments.lab.spec.grammar import parse

    with user_errors():
        reported = report_findings(findings_of(parse(solver)), silent=json_output)
    if json_output:
        click.echo(json.dumps({"solver": solver, "properties": reported, "schema_version": 2}, indent=1))
    sys.exit(EXIT_FAILED if any(record["verdict"] is Verdict.FAILED for record in reported) else 0)
