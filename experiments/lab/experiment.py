"""What an experiment is: a question, asked as a grid of cells, answered by sentences and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.figures.records import Figure, Table
from experiments.lab.measurement.measurement import Trial
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.spec.grammar import Spec, SpecError, parse
from problems.foundation.names import meant

References = Mapping[str, Reference]


@dataclass(frozen=True)
class Options:
    """What a person may choose of any experiment."""

    quick: bool = False
    seed: int = 0
    repeats: int | None = None  # the experiment's own number where it is left out
    settings: Mapping[str, Any] = field(default_factory=dict)  # of this experiment alone, by name


def seeded(problem: str, seed: int) -> str:
    """The problem with its rows drawn from `seed`; as it is for seed 0 and where its rows or its own seed are given.

    >>> seeded("logistic", 3), seeded("logistic(data=breast_cancer)", 3)
    ('logistic(seed=3)', 'logistic(data=breast_cancer)')
    """
    spec = parse(problem)
    given = spec.get("data") not in (None, "synthetic") or spec.get("file") or spec.get("seed") is not None
    return problem if not seed or given else str(Spec(spec.name, (*spec.given, ("seed", seed))))


@dataclass(frozen=True)
class Answer:
    """The sentences that the numbers support, and the figures and tables that show them."""

    verdicts: Sequence[str]
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


def nothing(*asked: Any) -> Sequence[Any]:
    """No problems, no cells or no trials."""
    return ()


@dataclass(frozen=True)
class Experiment:
    """A question and how to ask it, of solvers by cells and of anything else by trials.

    `kind` names the catalogue entry, or the file, whose `answer` makes of the result what a person reads.
    """

    name: str
    kind: str
    question: str
    problems: Callable[[Options], Sequence[str]] = nothing
    cells: Callable[[Options, References], Sequence[Cell]] = nothing
    repeats: int = 11  # of each cell that solves its problem: so many timings can be told apart
    trials: Callable[[Options], Sequence[Trial]] = nothing
    settings: Mapping[str, Any] = field(default_factory=dict)  # what a person may set, with the defaults


def settings(experiment: Experiment, given: Sequence[str]) -> dict[str, Any]:
    """The experiment's settings with those given as `key=value`, read as a solver's parameters are. Raises SpecError.

    >>> settings(Experiment("x", "x", "", settings={"n": 100, "noise": 0.1}), ["noise=1"])
    {'n': 100, 'noise': 1.0}
    """
    from pydantic import TypeAdapter, ValidationError

    chosen = dict(experiment.settings)
    for key, value in parse(f"settings({', '.join(given)})").given:
        if key not in chosen:
            known = meant(key, chosen) if chosen else "it has none"
            raise SpecError(f"{experiment.name} has no setting {key!r}; {known}")
        kind: Any = str if chosen[key] is None else type(chosen[key])
        try:
            chosen[key] = TypeAdapter(kind).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise SpecError(f"{experiment.name}: {key} is {value!r}; {first[0].lower()}{first[1:]}") from None
    return chosen
