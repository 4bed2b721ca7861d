"""The tour of the course: ten of its questions, each asked small, for one page in a minute."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from experiments.lab.experiment import Experiment
from experiments.questions.finding import asked_by

STOPS: dict[str, dict[str, Any]] = {  # in the order of the course, with what makes each small
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
    """The experiments, with their settings."""
    found = []
    for name, smaller in STOPS.items():
        asked = asked_by(name)
        found.append(dataclasses.replace(asked, settings={**asked.settings, **smaller}))
    return found
