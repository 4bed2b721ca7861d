"""`solverlab list`: the names of a catalogue."""

from __future__ import annotations

import json

import click

from experiments.cli.common.options import JSON


@click.command("list")
@click.argument("catalogue", type=click.Choice(["problems", "data", "solvers", "experiments"]))
@JSON
def list_(catalogue: str, json_output: bool) -> None:
    """List the names of a catalogue, each with a summary."""
    from experiments.cli.common.explain import listing

    rows = listing(catalogue)
    if json_output:
        click.echo(json.dumps(rows, indent=1))
        return
    width = max(len(row["name"]) for row in rows) + 2
    for row in rows:
        click.echo(f"{row['name']:{width}}{row['family']:14}{row['summary']}")
