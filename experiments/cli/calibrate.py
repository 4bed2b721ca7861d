"""`solverlab calibrate`: how far the lab's own verdicts can be trusted on this machine."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from experiments.cli.common.options import JSON


@click.command()
@click.option("--rounds", type=click.IntRange(1), default=2, show_default=True, help="Races of each pair and kind.")
@click.option(
    "--load",
    type=click.Choice(["idle", "busy", "both"]),
    default="both",
    show_default=True,
    help="Race on the machine as it is, beside one busy process a core, or both.",
)
@JSON
def calibrate(rounds: int, load: str, json_output: bool) -> None:
    """Measure the lab itself: races whose right answer is known.

    A solver races against itself, which must have no winner; against itself with a delay of 3%, which must be found;
    and against another solver, where the 95% intervals must hold the ratio of all races together. Six pairs take from
    50 us to 50 ms. The last result stands in the provenance of the pages that are written later.

    Shares of few races are uncertain: to show that at most 1% of the winners are false takes 300 races, --rounds 50.
    """
    from experiments.cli.common.terminal import console, plain_table, progress
    from experiments.lab.calibration import Kind, keep
    from experiments.lab.known_races import PAIRS, Races, tallied

    loads = {"idle": [False], "busy": [True], "both": [False, True]}[load]
    known = []
    with progress() as bar:
        for one in Races().held(rounds, loads):
            known.append(one)
            bar("races", len(known), rounds * len(loads) * len(PAIRS) * len(Kind))
    calibration = tallied(known)
    try:
        keep(calibration)
    except OSError as error:
        click.echo(f"solverlab: the calibration cannot be kept: {error}", err=True)
    if json_output:
        click.echo(json.dumps({**asdict(calibration), "schema_version": 1}, indent=1))
    else:
        console().print(plain_table(calibration.table()))
