"""`solverlab run`: an experiment."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.cli.common.options import FRESH, JOBS, JSON, OUT, REPEATS, SEED, STRICTLY


@click.command()
@click.argument("experiment", metavar="EXPERIMENT|FILE.toml|FILE.py")
@click.option("--quick", is_flag=True, help="Fewer problems and smaller budgets.")
@click.option("--set", "given", multiple=True, metavar="KEY=VALUE", help="One of the experiment's settings.")
@JOBS
@SEED
@REPEATS
@OUT
@FRESH
@STRICTLY
@JSON
def run(
    experiment: str,
    quick: bool,
    given: tuple[str, ...],
    jobs: int,
    seed: int,
    repeats: int | None,
    out: Path | None,
    fresh: bool,
    strict: bool,
    as_object: bool,
) -> None:
    """Run an experiment by name, or your own TOML or Python file.

    Finished cells are kept in the folder's store and not run again. `solverlab explain EXPERIMENT` tells its settings.
    """
    from experiments.cli.common.session import conducted, finish, refusals
    from experiments.lab.experiment import Options, settings
    from experiments.lab.spec.grammar import SpecError
    from experiments.questions.finding import asked_by

    with refusals():
        asked = asked_by(experiment)
        if quick and experiment.endswith(".toml"):
            raise SpecError("--quick is for experiments in Python; a TOML file has its own problems and rule")
        options = Options(quick, seed, repeats, settings(asked, given))
        folder = out or Path("out", asked.name)
        answered = conducted([asked], options, folder, jobs, fresh)
    finish(answered, folder, as_object, strict)
