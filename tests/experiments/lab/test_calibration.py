"""The calibration of the lab: what it counts, where it is kept, and a real one of the fastest pair."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from experiments.cli.main import cli
from experiments.lab import known_races
from experiments.lab.calibration import Kind, keep, last, place
from experiments.lab.known_races import Known, tallied
from experiments.lab.race.race import Compared, Race, RaceResult


def known(kind: Kind, result: RaceResult, ratio: float, place: int = 0, width: float = 0.01) -> Known:
    """A race whose first or second entrant led by that ratio."""
    other = Compared("qr", 1.0, ratio, ratio - width, ratio + width, result is RaceResult.WINNER, 0.01)
    return Known(0, kind, loaded=False, race=Race(result, "qr", place, 1.0, [other], load=1.0, took=2.0))


def test_false_winners_wrong_winners_and_intervals_are_counted() -> None:
    twins = [known(Kind.TWINS, RaceResult.TIE, 1.005), known(Kind.TWINS, RaceResult.WINNER, 1.02)]
    delayed = [
        known(Kind.DELAYED, RaceResult.WINNER, 1.03),
        known(Kind.DELAYED, RaceResult.WINNER, 1.03, place=1),
        known(Kind.DELAYED, RaceResult.BUSY, 1.03),
    ]
    tallies = tallied([*twins, *delayed]).tallies
    assert [(one.kind, one.races, one.winners, one.wrong, one.withdrawn, one.covered) for one in tallies] == [
        (Kind.TWINS, 2, 1, 1, 0, 1),
        (Kind.DELAYED, 3, 2, 1, 1, -1),
    ]
    assert str(tallied([*twins, *delayed])).endswith(
        "1 false winners in 2 races of equal solvers, a delay of 3% found in 1 of 3"
    )


def test_a_pair_is_compared_with_the_mean_of_its_other_races_whoever_led() -> None:
    races = [known(Kind.PAIR, RaceResult.TIE, 1.002, place) for place in (0, 1, 0)]
    (tally,) = tallied([*races, known(Kind.PAIR, RaceResult.WINNER, 2.0)]).tallies
    assert (tally.races, tally.covered) == (4, 0), "one race of ratio 2 moves the mean of the others away from 1"
    (tally,) = tallied(races).tallies
    assert (tally.races, tally.covered) == (3, 3)


@pytest.fixture
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("click.get_app_dir", lambda name: str(tmp_path / name))


@pytest.mark.usefixtures("own_folder")
def test_the_last_calibration_is_kept_and_a_damaged_one_is_none() -> None:
    assert last() is None
    kept = tallied([known(Kind.TWINS, RaceResult.TIE, 1.0)])
    keep(kept)
    assert last() == kept
    place().write_text("{}")
    assert last() is None


@pytest.mark.usefixtures("own_folder")
def test_calibrate_races_and_keeps_what_it_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_races, "PAIRS", known_races.PAIRS[:1])
    outcome = CliRunner().invoke(cli, ["calibrate", "--rounds", "1", "--load", "busy", "--json"])
    assert outcome.exit_code == 0, outcome.output
    tallies = json.loads(outcome.stdout)["tallies"]
    assert [(tally["kind"], tally["loaded"], tally["races"]) for tally in tallies] == [
        ("twins", True, 1),
        ("delayed", True, 1),
        ("pair", True, 1),
    ]
    assert last() is not None
