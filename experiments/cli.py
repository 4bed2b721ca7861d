"""The command line: `solverlab`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from .interrupts import Interrupted, interruption, listen

UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


class Duration(click.ParamType[float]):
    """Seconds, written 10s, 500ms, 2m or plain 10."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = str(value).rstrip("hms")
        try:
            seconds = float(number) * UNITS[str(value)[len(number) :]]
        except (ValueError, KeyError):
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            self.fail(f"{value!r} is no duration above zero; write 10s, 500ms or 2m", param, ctx)
        return seconds


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="solver-lab", prog_name="solverlab")
def cli() -> None:
    """Classical and gradient solvers on the same problem, under one referee and one clock.

    Exit codes: 0 ok, 1 internal error, 2 usage or configuration, 3 a cell failed under --strict or a property fell
    under check, 4 nothing reached the tolerance, 5 data unreadable, 130 interrupted with results kept.
    """


OUT = click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Folder for store, page and pictures."
)
JOBS = click.option(
    "--jobs", type=click.IntRange(1), default=1, show_default=True, help="Cells at once; timings suffer."
)
SEED = click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of data, start and solvers.")
REPEATS = click.option("--repeats", type=click.IntRange(1), help="Timings of each cell that solves its problem.")
FRESH = click.option("--fresh", is_flag=True, help="Set the folder's store aside and run all cells anew.")
STRICTLY = click.option("--strict", is_flag=True, help="Exit with 3 when a cell failed, crashed or was killed.")
JSON = click.option("--json", "as_object", is_flag=True, help="One JSON object on stdout.")


@cli.command()
@OUT
@FRESH
def demo(out: Path | None, fresh: bool) -> None:
    """Take the tour of the course: ten of its questions, asked small, on one page."""
    from .lab.plan import Options
    from .session import conducted, refusals
    from .tour import tour

    folder = out or Path("out", "demo")
    with refusals():
        answered = conducted(tour(), Options(quick=True), folder, jobs=1, fresh=fresh, pictures=False)
        for result, answer in answered:
            click.echo(f"{result.question.strip().splitlines()[0]}")
            for sentence in answer.verdicts:
                click.echo(f"  - {sentence}")
        click.echo(f"\nThe page: {(folder / 'report.html').resolve()}")
        click.echo(f"Pictures for print: solverlab report {folder}")


@cli.command("list")
@click.argument("catalogue", type=click.Choice(["solvers", "problems", "experiments"]))
@JSON
def list_(catalogue: str, as_object: bool) -> None:
    """List the names that can be used, with what they are."""
    from .explain import listing

    rows = listing(catalogue)
    if as_object:
        click.echo(json.dumps(rows, indent=1))
        return
    width = max(len(row["name"]) for row in rows) + 2
    for row in rows:
        click.echo(f"{row['name']:{width}}{row['family']:14}{row['summary']}")


@cli.command()
@click.argument("name")
def explain(name: str) -> None:
    """Tell what a solver, a problem or an experiment is."""
    from .explain import explain as text
    from .session import refusals

    with refusals():
        click.echo(text(name))


@cli.command()
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
    from .config import asked_by
    from .lab.plan import Options, settings
    from .lab.spec import SpecError
    from .session import conducted, finish, refusals

    with refusals():
        asked = asked_by(experiment)
        if quick and experiment.endswith(".toml"):
            raise SpecError("--quick is for experiments in Python; a TOML file has its own problems and rule")
        options = Options(quick, seed, repeats, settings(asked, given))
        folder = out or Path("out", asked.name)
        answered = conducted([asked], options, folder, jobs, fresh)
    finish(answered, folder, as_object, strict)


@cli.command()
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
    from .lab.plan import Options
    from .lab.rule import Rule
    from .lab.spec import SpecError, split
    from .race import problem_in, race
    from .session import conducted, finish, refusals

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


@cli.command()
@click.argument("solver", metavar="NAME|MODULE:CLASS")
@JSON
def check(solver: str, as_object: bool) -> None:
    """Try the properties that a solver of its kind must have.

    Each is tried on many small problems that the solver accepts; where it falls, the smallest that shows it is told.
    Exits with 3 where one fell.
    """
    from .conformance.check import check as findings
    from .session import STRICT, refusals
    from .terminal import report_findings

    with refusals():
        told = report_findings(findings(solver), as_object)
    if as_object:
        click.echo(json.dumps({"solver": solver, "properties": told, "schema_version": 1}, indent=1))
    sys.exit(STRICT if any(each["verdict"] == "fell" for each in told) else 0)


@cli.command(context_settings={"ignore_unknown_options": True})  # a formula may begin with a minus
@click.argument("formula")
@click.option("--at", default="", metavar="x=1,y=[1,2,3]", help="The values of the formula's variables.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture to this .svg file.")
@JSON
def graph(formula: str, at: str, out: Path | None, as_object: bool) -> None:
    """Work a formula out forward, and its slopes backward.

    For example: solverlab graph '(x + y) * z' --at x=1,y=-3,z=4 --out graph.svg
    """
    from .calculation import as_json, as_text, calculated, draw
    from .session import refusals

    with refusals():
        run = calculated(formula, at)
        if out is not None:
            draw(run, formula, out)
    click.echo(json.dumps(as_json(formula, run, out), indent=1, allow_nan=False) if as_object else as_text(run))
    if out is not None and not as_object:
        click.echo(f"\nThe picture: {out}")


@cli.command()
@click.argument("kind", type=click.Choice(["solver", "problem", "experiment"]))
@click.argument("name")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=".", help="Folder to write into.")
def new(kind: Any, name: str, out: Path) -> None:
    """Write a small working start of your own, with its test: NAME.py and test_NAME.py."""
    from .new import write_new
    from .session import refusals

    with refusals():
        paths, command = write_new(kind, name, out)
    click.echo(f"Written: {', '.join(map(str, paths))}. Try: {command}")


@cli.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--open", "open_", is_flag=True, help="Show the page in a browser.")
def report(folder: Path, open_: bool) -> None:
    """Write the page and pictures of a folder again.

    What has not run yet is said to be missing.
    """
    from .lab.conduct import recall
    from .lab.store import NAME, Store, StoreError
    from .output import answer_to, write
    from .session import refusals

    with refusals():
        if not (folder / NAME).exists():
            raise StoreError(f"{folder} holds no results: there is no {NAME} in it")
        with Store(folder) as store:
            results = [recall(name, store) for name in store.runs()]
        answered = [(result, answer_to(result)) for result in results]
        page = write(folder, answered)
        click.echo(page)
        if open_:
            click.launch(page.resolve().as_uri())


def main() -> None:
    """The console script."""
    listen()
    try:
        cli()
    except (Exception, Interrupted) as error:
        interrupted = interruption(error)
        if interrupted is None:
            raise
        click.echo("Interrupted before anything had run.", err=True)
        sys.exit(128 + interrupted.number)
