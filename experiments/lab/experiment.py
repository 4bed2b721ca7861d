"""What an experiment is: a question, asked as a grid of cells, answered by sentences and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from experiments.figures.records import Figure, ResultTable
from experiments.lab.measurement.measurement import Measurement
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.spec.grammar import SpecError, parse
from experiments.lab.spec.supplied import Named
from problems.foundation.names import suggestion

References = Mapping[Named, Reference]
T = TypeVar("T")


@dataclass(frozen=True)
class Options:
    """What a user may choose for any experiment."""

    quick: bool = False
    seed: int = 0
    repeats: int | None = None  # the experiment's own number where it is not given
    settings: Mapping[str, Any] = field(default_factory=dict)  # of this experiment, by name

    def smaller(self, name: str, default: T, quick: T) -> T:
        """A setting; its smaller value under --quick, unless the user has set it.

        >>> Options(True, settings={"n": 100}).smaller("n", 100, 10)
        10
        """
        value: T = self.settings.get(name, default)
        return quick if self.quick and value == default else value


@dataclass(frozen=True)
class Answer:
    """The sentences that the numbers support, and the figures and tables that show them."""

    verdicts: Sequence[str]
    figures: Sequence[Figure] = ()
    tables: Sequence[ResultTable] = ()


def none(*arguments: Any) -> Sequence[Any]:
    """No problems, no cells or no measurements."""
    return ()


@dataclass(frozen=True)
class Experiment:
    """A question and how to ask it: of solvers by cells, of anything else by measurements.

    `kind` names the catalogue entry, or the file, whose `answer` makes of the result what a user reads.
    """

    name: str
    kind: str
    question: str
    problems: Callable[[Options], Sequence[Named]] = none
    cells: Callable[[Options, References], Sequence[Cell]] = none
    repeats: int = 11  # of each cell that solves its problem: so many timings can be compared
    measurements: Callable[[Options], Sequence[Measurement]] = none
    settings: Mapping[str, Any] = field(default_factory=dict)  # what a user may set, with the defaults
    race_seconds: float = 0.0  # for a race of the first solvers of each problem; 0 for none


def settings(experiment: Experiment, given: Sequence[str]) -> dict[str, Any]:
    """The experiment's settings with those given as `key=value`, read as a solver's parameters are. Raises SpecError.

    >>> settings(Experiment("x", "x", "", settings={"n": 100, "noise": 0.1}), ["noise=1"])
    {'n': 100, 'noise': 1.0}
    """
    from pydantic import TypeAdapter, ValidationError

    chosen = dict(experiment.settings)
    for key, value in parse(f"settings({', '.join(given)})").given:
        if key not in chosen:
            known = suggestion(key, chosen) if chosen else "it has none"
            raise SpecError(f"{experiment.name} has no setting {key!r}; {known}")
        kind: Any = str if chosen[key] is None else type(chosen[key])
        plain = list(value) if isinstance(value, tuple) else value
        try:
            chosen[key] = TypeAdapter(kind).validate_python(plain)
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise SpecError(f"{experiment.name}: {key} is {value!r}; {first[0].lower()}{first[1:]}") from None
    return chosen
