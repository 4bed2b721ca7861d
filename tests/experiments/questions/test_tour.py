"""The tour asks ten questions of the catalogue, with settings that they have."""

from __future__ import annotations

from experiments.questions import TABLE
from experiments.questions.finding import find_experiment
from experiments.questions.tour import STOPS, tour


def test_the_tour_has_ten_questions_of_the_catalogue_with_their_own_settings() -> None:
    assert len(STOPS) == 10
    assert set(STOPS) <= set(TABLE)
    for experiment, (name, smaller) in zip(tour(), STOPS.items(), strict=True):
        whole = find_experiment(name)
        assert experiment.name == name
        assert set(smaller) <= set(whole.settings), "a setting that the question does not have would do nothing"
        assert experiment.settings == {**whole.settings, **smaller}
