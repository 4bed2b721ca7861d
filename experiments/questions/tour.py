"""The tour of the course: ten of its questions on small problems, on one page in about a minute."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from experiments.lab.experiment import Experiment
from experiments.questions.finding import find_experiment

STOPS: dict[str, dict[str, Any]] = {  # in the order of the course: the settings that make each question small
    "xor": {"seeds": 4},
    "activations": {"seeds": 2, "epochs": 60},
    "convergence": {},
    "learning-rate": {},
    "crossover": {"rows": [100, 1000], "tolerances": [1e-3, 1e-6]},
    "conditioning": {"n": 150, "d": 60, "seeds": 2},
    "losses": {"seeds": 8},
    "regularisation": {"seeds": 3},
    "batch-size": {"n": 1024, "batches": [1, 16, 64, 1024]},
    "back-propagation": {"megabytes": 64},
}


def tour() -> Sequence[Experiment]:
    """The experiments in this order, with their smaller settings."""
    experiments = []
    for name, smaller in STOPS.items():
        experiment = find_experiment(name)
        experiments.append(dataclasses.replace(experiment, settings={**experiment.settings, **smaller}))
    return experiments
