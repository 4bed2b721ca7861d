"""Experiments by name: of the catalogue, or of a user's TOML or Python file."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from experiments.comparison.experiment_file import experiment_in
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment
from experiments.lab.measurement.measurement import module_at
from experiments.lab.spec.grammar import SpecError
from experiments.questions import TABLE
from problems.foundation.names import meant


def asked_by(name: str) -> Experiment:
    """The experiment of that catalogue name, in that TOML file, or in that Python file. Raises SpecError, ConfigError.

    A Python file is a module as those of this folder: its EXPERIMENT asks, and its `answer(result)` answers.
    """
    if name.endswith(".toml"):
        return experiment_in(Path(name))
    if name not in TABLE and not name.endswith(".py"):
        raise SpecError(f"there is no experiment {name!r}; {meant(name, TABLE)}; or give a .toml or a .py file")
    module = module_at(TABLE[name].place if name in TABLE else name)
    asked = getattr(module, "EXPERIMENT", None)
    if not isinstance(asked, Experiment) or not callable(getattr(module, "answer", None)):
        raise SpecError(
            f"{name} needs EXPERIMENT, an experiments.lab.experiment.Experiment, and a function answer(result)"
        )
    return asked if name in TABLE else dataclasses.replace(asked, kind=str(Path(name).resolve()))


def answer_to(result: Result) -> Answer:
    """The answer that the result's experiment gives."""
    place = TABLE[result.kind].place if result.kind in TABLE else result.kind  # one of the house's, or a file
    answer: Answer = module_at(place).answer(result)
    return answer
