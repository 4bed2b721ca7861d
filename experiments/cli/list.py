"""`solverlab list`: the names that can be used."""

from __future__ import annotations

import json

import click

from experiments.cli.common.options import JSON


@click.command("list")
@click.argument("catalogue", type=click.Choice(["solvers", "problems", "experiments"]))
@JSON
def list_(catalogue: str, as_object: bool) -> None:
    """List the names that can be used, with what they are."""
    from experiments.cli.common.explain import listing

    rows = listing(catalogue)
    if as_object:
        click.echo(json.dumps(rows, indent=1))
        return
    width = max(len(row["name"]) for row in rows) + 2
    for row in rows:
        click.echo(f"{row['name']:{width}}{row['family']:14}{row['summary']}")
