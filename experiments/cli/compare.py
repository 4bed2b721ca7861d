"""`solverlab compare`: solvers compared on one problem or file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from experiments.cli.common.options import FRESH, JOBS, JSON, OUT, REPEATS, SEED, STRICT, Duration


@click.command()
@click.argument("problem", metavar="PROBLEM|FILE")
@click.option("--target", help="The column of the file to predict; the last one by default.")
@click.option(
    "--task",
    type=click.Choice(["regression", "classification"]),
    help="What the target is; decided from its values by default.",
)
@click.option("--solvers", "chosen", help="Solvers separated by commas; all of the catalogue by default.")
@click.option("--tolerance", type=float, default=1e-6, show_default=True, help="The largest gap that counts as solved.")
@click.option(
    "--absolute", is_flag=True, help="Compare f - f* itself with the tolerance, not divided by f of a constant answer."
)
@click.option(
    "--budget", type=Duration(), default="10s", show_default=True, help="Time for each solver to reach the tolerance."
)
@click.option("--l2", type=float, help="Weight of the l2 penalty; that of the problem by default.")
@JOBS
@SEED
@REPEATS
@OUT
@FRESH
@STRICT
@JSON
def compare(
    problem: str,
    target: str | None,
    task: Any,
    chosen: str | None,
    tolerance: float,
    absolute: bool,
    budget: float,
    l2: float | None,
    jobs: int,
    seed: int,
    repeats: int | None,
    out: Path | None,
    fresh: bool,
    strict: bool,
    json_output: bool,
) -> None:
    """Compare solvers on a problem of the catalogue, or on your own file.

    FILE ends in .csv, .tsv, .txt, .svm or .libsvm, .npz (arrays X and y), .parquet, or .dat (NIST's reference data).

    The budget is the time of one solver until it reaches the tolerance. A solver that can only be called as a whole is
    called again with more and more iterations, for at most three budgets in all. A solver that does not return is
    killed after six budgets and 30 seconds.
    """
    from experiments.cli.common.exits import user_errors
    from experiments.cli.common.session import finish, run_all
    from experiments.comparison.comparison import comparison, problem_of
    from experiments.lab.experiment import Options
    from experiments.lab.run.stopping import Rule
    from experiments.lab.spec.grammar import SpecError, split

    with user_errors():
        try:
            rule = Rule(tolerance=tolerance, seconds=budget, absolute=absolute)
        except ValueError as error:
            raise SpecError(str(error)) from None
        spec = problem_of(problem, target, task, l2)
        names = None if chosen is None else split(chosen)
        experiment = comparison("compare", f"Which solver is fastest on {spec}?", [spec], names, rule)
        folder = out or Path("out", "compare")
        answered = run_all([experiment], Options(seed=seed, repeats=repeats), folder, jobs, fresh)
    finish(answered, folder, json_output, strict)
