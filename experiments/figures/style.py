"""One look for all figures: colours that can be told apart on white, on dark, in grey, and by colour-blind eyes."""

from __future__ import annotations

from dataclasses import dataclass

from solvers import everyone

LIGHT = ("#0072b2", "#b84500", "#00795a", "#a63d7e", "#4d4d4d", "#6a51a3", "#8c5a00")  # 3:1 and more on white
DARK = ("#56b4e9", "#ff9e5e", "#2fd6a0", "#f49ac8", "#d0d0d0", "#b7a3ff", "#f0c75e")  # and on #14181d
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MARKS = ("circle", "square", "triangle-up", "diamond", "x")


@dataclass(frozen=True)
class Look:
    """How one solver's curve is drawn; numbers index the palettes."""

    colour: int
    dash: str
    mark: str


def look(solver: str, others: list[str]) -> Look:
    """The same for a solver in every figure; those outside the catalogue come after it, in their order."""
    known = list(everyone())
    k = known.index(solver) if solver in known else len(known) + others.index(solver)
    return Look(k % len(LIGHT), DASHES[k // len(LIGHT) % len(DASHES)], MARKS[k % len(MARKS)])
