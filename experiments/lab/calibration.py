"""The record of a calibration: counts of races by kind and load, kept for the pages that are written later."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import click
from pydantic import TypeAdapter, ValidationError

from experiments.figures.records import ResultTable
from experiments.lab.analysis.formats import percent

DELAY = 0.03  # of a solver's time, which a race must find
COLUMNS = ("kind", "load", "races", "winners", "wrong", "withdrawn", "95% intervals that hold", "seconds")


class Kind(StrEnum):
    """What races."""

    TWINS = "twins"  # one solver under two names
    DELAYED = "delayed"  # a solver and itself with a delay
    PAIR = "pair"  # two solvers


@dataclass
class Tally:
    """Races of one kind under one load."""

    kind: Kind
    loaded: bool
    races: int
    winners: int  # of twins these are false
    wrong: int  # winners that are not the faster one; unknown, so 0, for a pair
    withdrawn: int  # because the machine was too busy
    covered: int  # intervals at 95% that hold the ratio; -1 for delayed solvers, whose delay is not exactly known
    load: float  # mean of the races
    seconds: float  # mean time of a race


@dataclass
class Calibration:
    """What races did on this machine."""

    date: str
    tallies: list[Tally]

    def table(self) -> ResultTable:
        """The tallies as a table."""
        rows: list[list[str | float | None]] = [
            [
                str(tally.kind),
                f"{'busy' if tally.loaded else 'idle'}, {tally.load:.1f}",
                tally.races,
                tally.winners,
                tally.wrong,
                tally.withdrawn,
                "" if tally.covered < 0 else f"{tally.covered} ({percent(tally.covered / tally.races)})",
                tally.seconds,
            ]
            for tally in self.tallies
        ]
        return ResultTable("Races whose right answer is known", "", COLUMNS, rows)

    def __str__(self) -> str:
        """For the provenance of a page."""
        twins = [tally for tally in self.tallies if tally.kind is Kind.TWINS]
        delayed = [tally for tally in self.tallies if tally.kind is Kind.DELAYED]
        false, all_twins = sum(one.winners for one in twins), sum(one.races for one in twins)
        found, all_delayed = sum(one.winners - one.wrong for one in delayed), sum(one.races for one in delayed)
        return (
            f"{self.date[:10]}: {false} false winners in {all_twins} races of equal solvers, a delay of {DELAY:.0%} "
            f"found in {found} of {all_delayed}"
        )


def place() -> Path:
    """Where the last calibration of this machine is kept."""
    return Path(click.get_app_dir("solverlab"), "calibration.json")


def keep(calibration: Calibration) -> None:
    """Keep the calibration for the provenance of later pages. Raises OSError."""
    place().parent.mkdir(parents=True, exist_ok=True)
    place().write_bytes(TypeAdapter(Calibration).dump_json(calibration, indent=1))


def last() -> Calibration | None:
    """The last calibration that was kept; None if there is none that can be read."""
    try:
        return TypeAdapter(Calibration).validate_json(place().read_bytes())
    except (OSError, ValidationError):
        return None
