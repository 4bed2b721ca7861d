"""One style for all figures.

The colours can be distinguished on white, on a dark ground, in grey, and by colour-blind readers.
"""

from __future__ import annotations

from dataclasses import dataclass

from solvers import everyone

LIGHT = ("#0072b2", "#b84500", "#00795a", "#a63d7e", "#4d4d4d", "#6a51a3", "#8c5a00")  # contrast 3:1 or more on white
DARK = ("#56b4e9", "#ff9e5e", "#2fd6a0", "#f49ac8", "#d0d0d0", "#b7a3ff", "#f0c75e")  # and on #14181d
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MARKS = ("circle", "triangle-up", "diamond", "triangle-down", "star")  # none is that of a run that is not solved


@dataclass(frozen=True)
class Look:
    """How one curve is drawn."""

    colour: int  # an index of LIGHT and DARK
    dash: str
    mark: str


def styled(k: int) -> Look:
    """The style of the k-th curve; consecutive curves differ in colour and in mark."""
    return Look(k % len(LIGHT), DASHES[k // len(LIGHT) % len(DASHES)], MARKS[k % len(MARKS)])


def look(solver: str, others: list[str]) -> Look:
    """The style of a solver, the same in every figure.

    Solvers outside the catalogue come after those of the catalogue, in the order of `others`.
    """
    known = list(everyone())
    return styled(known.index(solver) if solver in known else len(known) + others.index(solver))
