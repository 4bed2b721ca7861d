"""`solverlab report`: the page and pictures of a folder again."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--open", "open_", is_flag=True, help="Show the page in a browser.")
def report(folder: Path, open_: bool) -> None:
    """Write the page and pictures of a folder again.

    What has not run yet is said to be missing.
    """
    from experiments.cli.common.session import refusals
    from experiments.lab.run_experiment import recall
    from experiments.lab.store.store import NAME, Store, StoreError
    from experiments.questions.finding import answer_to
    from experiments.report.files import write

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
