"""`solverlab explain`: what a name stands for."""

from __future__ import annotations

import click


@click.command()
@click.argument("name")
def explain(name: str) -> None:
    """Tell what a solver, a problem or an experiment is."""
    from experiments.cli.common.explain import explain as text
    from experiments.cli.common.session import refusals

    with refusals():
        click.echo(text(name))
