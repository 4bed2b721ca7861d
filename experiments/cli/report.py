"""`solverlab report`: the page and the pictures of a folder, written again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from experiments.lab.analysis.results import Result
    from experiments.lab.experiment import Answer


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option(
    "--experiment",
    "own_files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The Python file of your own experiment, which is run for its answer.",
)
@click.option("--open", "open_", is_flag=True, help="Show the page in a browser.")
def report(folder: Path, own_files: tuple[Path, ...], open_: bool) -> None:
    """Write the page and the pictures of a folder again, from its stored results.

    The page says how many cells have not run yet. Nothing in the folder is executed. If an experiment is not in the
    catalogue, its answer needs its Python file: give it with --experiment.
    """
    from experiments.cli.common.exits import user_errors
    from experiments.cli.common.session import report_damage
    from experiments.lab.run_experiment import load_result
    from experiments.lab.store.store import NAME, Store, StoreError
    from experiments.report.files import write

    with user_errors():
        if not (folder / NAME).exists():
            raise StoreError(f"{folder} holds no results: it has no file {NAME}")
        with Store(folder) as store:
            results = [load_result(name, store) for name in store.runs()]
            report_damage(store)
        answered = [(result, _answer(result, own_files)) for result in results]
        page = write(folder, answered)
        click.echo(page)
        if open_:
            click.launch(page.resolve().as_uri())


def _answer(result: Result, own_files: tuple[Path, ...]) -> Answer:
    """The answer to a stored result. Only a file that the user named is run; what the store names is not imported."""
    from experiments.lab.experiment import Answer
    from experiments.lab.spec.building import catalogue_only
    from experiments.lab.spec.grammar import SpecError
    from experiments.questions.finding import answer_to

    if result.kind in {str(file.resolve()) for file in own_files}:
        return answer_to(result, own_files)
    try:
        with catalogue_only():
            return answer_to(result)
    except SpecError as error:
        again = "Run the experiment again for its answer; its finished cells are kept."
        return Answer([f"The stored results of {result.name} are not answered here: {error}. {again}"])
