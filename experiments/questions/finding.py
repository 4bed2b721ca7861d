"""Experiments by name: of the catalogue, or of a user's TOML or Python file."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from pathlib import Path

from experiments.comparison.experiment_file import experiment_in
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment
from experiments.lab.measurement.measurement import module_at
from experiments.lab.spec.grammar import SpecError
from experiments.questions import TABLE
from problems.foundation.names import suggestion


def find_experiment(name: str) -> Experiment:
    """The experiment of that catalogue name, in that TOML file, or in that Python file. Raises SpecError, ConfigError.

    A Python file is a module like those of this folder: EXPERIMENT asks, and `answer(result)` answers.
    """
    if name.endswith(".toml"):
        return experiment_in(Path(name))
    if name not in TABLE and not name.endswith(".py"):
        raise SpecError(f"there is no experiment {name!r}; {suggestion(name, TABLE)}; or give a .toml or a .py file")
    module = module_at(TABLE[name].place if name in TABLE else name)
    experiment = getattr(module, "EXPERIMENT", None)
    if not isinstance(experiment, Experiment) or not callable(getattr(module, "answer", None)):
        raise SpecError(f"{name} needs EXPERIMENT, a solverlab.Experiment, and a function answer(result)")
    return experiment if name in TABLE else dataclasses.replace(experiment, kind=str(Path(name).resolve()))


def answer_to(result: Result, own_files: Collection[Path] = ()) -> Answer:
    """The answer of the result's experiment: of the catalogue, or in one of the files that the user named.

    What a store says is never imported: a result of any other file has an answer that says how to get it.
    """
    if result.kind in TABLE:
        place = TABLE[result.kind].place
    elif any(file.resolve() == Path(result.kind) for file in own_files):
        place = result.kind
    else:
        return Answer(
            [
                f"The answer of {result.name} is given by {Path(result.kind).name!r}, which is not of the catalogue: "
                "name that file with --experiment to have it run."
            ]
        )
    answer: Answer = module_at(place).answer(result)
    return answer
