"""`solverlab compare`: a race of solvers on one problem or file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from experiments.cli.common.options import FRESH, JOBS, JSON, OUT, REPEATS, SEED, STRICTLY, Duration


@click.command()
@click.argument("problem", metavar="PROBLEM|FILE")
@click.option("--target", help="The file's column to predict; the last where it is left out.")
@click.option("--task", type=click.Choice(["regression", "classification"]), help="What to make of the target.")
@click.option("--solvers", "chosen", help="Names with commas between; all that can where it is left out.")
@click.option("--tolerance", type=float, default=1e-6, show_default=True, help="On f - f*.")
@click.option("--budget", type=Duration(), default="10s", show_default=True, help="Inside each solver.")
@click.option("--l2", type=float, help="Weight of the penalty.")
@JOBS
@SEED
@REPEATS
@OUT
@FRESH
@STRICTLY
@JSON
def compare(
    problem: str,
    target: str | None,
    task: Any,
    chosen: str | None,
    tolerance: float,
    budget: float,
    l2: float | None,
    jobs: int,
    seed: int,
    repeats: int | None,
    out: Path | None,
    fresh: bool,
    strict: bool,
    as_object: bool,
) -> None:
    """Race solvers on one problem, or on your own file.

    FILE ends in .csv, .tsv, .txt, .svm or .libsvm, .npz (arrays X and y), .parquet, or .dat (NIST's reference data).

    The budget is each solver's, from its first moment to the tolerance. A peer that can only be run whole is run again
    and again with more iterations, for three budgets in all; a solver that never comes back is killed after six and
    half a minute.
    """
    from experiments.cli.common.session import conducted, finish, refusals
    from experiments.comparison.comparison import problem_in, race
    from experiments.lab.experiment import Options
    from experiments.lab.run.stopping import Rule
    from experiments.lab.spec.grammar import SpecError, split

    with refusals():
        try:
            rule = Rule(tolerance=tolerance, seconds=budget)
        except ValueError as error:
            raise SpecError(str(error)) from None
        spec = problem_in(problem, target, task, l2)
        asked = race("compare", f"Who is first on {spec}?", [spec], split(chosen) if chosen is not None else None, rule)
        folder = out or Path("out", "compare")
        answered = conducted([asked], Options(seed=seed, repeats=repeats), folder, jobs, fresh)
    finish(answered, folder, as_object, strict)
