"""What an experiment is: a question, asked as a grid of cells, answered by sentences and figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..figures.data import Figure
from .cell import Cell
from .referee import Reference
from .spec import Spec, parse

References = Mapping[str, Reference]


@dataclass(frozen=True)
class Options:
    """What a person may choose of any experiment."""

    quick: bool = False
    seed: int = 0
    repeats: int | None = None  # the experiment's own number where it is left out


def seeded(problem: str, seed: int) -> str:
    """The problem with its rows drawn from `seed`; as it is for seed 0 and where its rows or its own seed are given.

    >>> seeded("logistic", 3), seeded("logistic(data=breast_cancer)", 3)
    ('logistic(seed=3)', 'logistic(data=breast_cancer)')
    """
    spec = parse(problem)
    given = spec.get("data") not in (None, "synthetic") or spec.get("seed") is not None
    return problem if not seed or given else str(Spec(spec.name, (*spec.given, ("seed", seed))))


@dataclass(frozen=True)
class Answer:
    """The sentences that the numbers support, and the figures that show them."""

    verdicts: Sequence[str]
    figures: Sequence[Figure]


@dataclass(frozen=True)
class Experiment:
    """A question and how to ask it. `kind` names the catalogue entry whose module answers it from the result."""

    name: str
    kind: str
    question: str
    problems: Callable[[Options], Sequence[str]]
    cells: Callable[[Options, References], Sequence[Cell]]
    repeats: int = 11  # of each cell that solves its problem: so many timings can be told apart
