"""`solverlab run`: an experiment."""

from __future__ import annotations

from pathlib import Path

import click

from experiments.cli.common.options import FRESH, JOBS, JSON, OUT, REPEATS, SEED, STRICT


@click.command()
@click.argument("experiment", metavar="EXPERIMENT|FILE.toml|FILE.py")
@click.option("--quick", is_flag=True, help="Use fewer problems and smaller budgets.")
@click.option(
    "--set", "given", multiple=True, metavar="KEY=VALUE", help="Change a setting of the experiment; may be repeated."
)
@JOBS
@SEED
@REPEATS
@OUT
@FRESH
@STRICT
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
    json_output: bool,
) -> None:
    """Run an experiment of the catalogue, or your own TOML or Python file.

    Finished cells are kept in the folder's store and are not run again. `solverlab explain EXPERIMENT` lists the
    settings.
    """
    from experiments.cli.common.exits import user_errors
    from experiments.cli.common.session import finish, run_all
    from experiments.lab.experiment import Options, settings
    from experiments.lab.spec.grammar import SpecError
    from experiments.questions.finding import find_experiment

    with user_errors():
        chosen = find_experiment(experiment)
        if quick and experiment.endswith(".toml"):
            raise SpecError("--quick is for experiments in Python: a TOML file states its own problems and rule")
        options = Options(quick, seed, repeats, settings(chosen, given))
        folder = out or Path("out", chosen.name)
        answered = run_all([chosen], options, folder, jobs, fresh)
    finish(answered, folder, json_output, strict)
