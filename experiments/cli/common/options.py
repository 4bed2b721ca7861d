"""Options of several commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

UNITS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "": 1.0}


class Duration(click.ParamType[float]):
    """Seconds, written as 10s, 500ms, 2m, or as a number without a unit."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = str(value).rstrip("hms")
        try:
            seconds = float(number) * UNITS[str(value)[len(number) :]]
        except (ValueError, KeyError):
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            self.fail(f"{value!r} is not a positive duration: write for example 10s, 500ms or 2m", param, ctx)
        return seconds


OUT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the store, the page and the pictures; a folder in ./out by default.",
)
JOBS = click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Cells to run at the same time; with more than one the timings are less exact.",
)
SEED = click.option(
    "--seed",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Seed of the data, the start and the solvers.",
)
REPEATS = click.option(
    "--repeats",
    type=click.IntRange(1),
    help="Timed runs of each cell that solves its problem; 11 for most experiments.",
)
FRESH = click.option("--fresh", is_flag=True, help="Set the folder's store aside and run all cells again.")
STRICT = click.option("--strict", is_flag=True, help="Exit with code 3 if a cell failed, crashed or was killed.")
JSON = click.option("--json", "json_output", is_flag=True, help="Print JSON instead of text.")
