"""`solverlab explain`: the documentation of a name."""

from __future__ import annotations

import click


@click.command()
@click.argument("name")
def explain(name: str) -> None:
    """Explain a solver, a problem, a data source or an experiment."""
    from experiments.cli.common.exits import user_errors
    from experiments.cli.common.explain import explain as explanation

    with user_errors():
        click.echo(explanation(name))
