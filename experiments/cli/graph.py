"""`solverlab graph`: a formula and its gradient on its computational graph."""

from __future__ import annotations

import json
from pathlib import Path

import click

from experiments.cli.common.options import JSON


@click.command(context_settings={"ignore_unknown_options": True})  # a formula may begin with a minus
@click.argument("formula")
@click.option("--at", default="", metavar="x=1,y=[1,2,3]", help="The values of the formula's variables.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture to this .svg file.")
@JSON
def graph(formula: str, at: str, out: Path | None, json_output: bool) -> None:
    """Evaluate a formula forward, and its derivatives backward.

    For example: solverlab graph '(x + y) * z' --at x=1,y=-3,z=4 --out graph.svg
    """
    from experiments.cli.common.exits import user_errors
    from experiments.figures.graph.evaluation import as_json, as_text, calculated, draw

    with user_errors():
        run = calculated(formula, at)
        if out is not None:
            draw(run, formula, out)
    click.echo(json.dumps(as_json(formula, run, out), indent=1, allow_nan=False) if json_output else as_text(run))
    if out is not None and not json_output:
        click.echo(f"\nThe picture: {out}")
