"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

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
