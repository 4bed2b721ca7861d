"""One property of one solver, tried in this process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky

import solvers
from experiments.conformance.failure import Fallen
from experiments.conformance.properties import Property, properties
from experiments.lab.spec.grammar import build, parse

ERRORS = ("Breakdown", "Refusal")


@dataclass(frozen=True)
class Finding:
    """What became of one property."""

    sentence: str
    verdict: str  # held, fell, or "not owed": nothing that the solver accepts is of the kind
    tried: int = 0
    seen: str = ""  # what was seen where it fell
    example: str = ""  # the smallest that shows it


def solver_of(spec: str) -> Any:
    """The solver of that name, from the catalogue or as MODULE:CLASS. Raises SpecError."""
    return build(parse(spec), solvers.TABLE)


def sentences(spec: str) -> list[str]:
    """All properties, in order."""
    return [each.sentence for each in properties(solver_of(spec))]


def examine(spec: str, number: int, log: str = "", most: int | None = None) -> Finding:
    """Try one property; `log` tells at every moment which example is tried, should this process not survive it."""
    solver = solver_of(spec)
    asked: Property = list(properties(solver))[number]
    if asked.examples is None:
        return Finding(asked.sentence, "not owed")
    tried, latest = 0, ""

    @settings(
        max_examples=min(asked.most, most or asked.most),
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(example=asked.examples)
    def attempt(example: Any) -> None:
        nonlocal tried, latest
        tried, latest = tried + 1, str(example)
        if log:
            Path(log).write_text(latest, encoding="utf-8")
        try:
            asked.test(solver, example)
        except Fallen:
            raise
        except SystemExit as ended:
            raise Fallen(f"it asks the whole process to exit, with {ended.code!r}") from None
        except Exception as error:
            raise Fallen(f"it raises {type(error).__name__}: {error}") from None

    try:
        attempt()
    except Fallen as fallen:
        return Finding(asked.sentence, "fell", tried, str(fallen), latest)
    except Flaky:
        return Finding(asked.sentence, "fell", tried, "it falls on an example one time and not the next", latest)
    return Finding(asked.sentence, "held", tried)


def quiet() -> None:
    """What a solver prints is no part of the answer."""
    os.dup2(2, 1)
