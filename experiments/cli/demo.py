"""`solverlab demo`: the tour of the course."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.cli.common.options import FRESH, OUT


@click.command()
@OUT
@FRESH
def demo(out: Path | None, fresh: bool) -> None:
    """Answer ten questions of the course on small problems, on one page."""
    from experiments.cli.common.exits import user_errors
    from experiments.cli.common.session import run_all
    from experiments.lab.experiment import Options
    from experiments.questions.tour import tour

    folder = out or Path("out", "demo")
    with user_errors():
        answered = run_all(tour(), Options(quick=True), folder, jobs=1, fresh=fresh, pictures=False)
        for result, answer in answered:
            click.echo(f"{result.question.strip().splitlines()[0]}")
            for sentence in answer.verdicts:
                click.echo(f"  - {sentence}")
        click.echo(f"\nThe page: {(folder / 'report.html').resolve()}")
        click.echo(f"Pictures for print: solverlab report {folder}")
