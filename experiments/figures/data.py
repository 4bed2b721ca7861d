"""What a figure shows, before it is drawn: print, page and CSV all take their numbers from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

DEEP, HIGH = 1e-4, 1e3  # gaps are drawn from this part of the tolerance up to this multiple of the first


@dataclass(frozen=True)
class Curve:
    """One solver's run on one seed: the gap at each judged iterate."""

    solver: str
    seed: int
    status: str
    iterations: Sequence[int]
    seconds: Sequence[float]
    passes: Sequence[float | None]
    gap: Sequence[float]


@dataclass(frozen=True)
class Convergence:
    """Gap against time, iterations and data passes."""

    kind: ClassVar[str] = "convergence"
    name: str
    title: str
    caption: str
    measure: str  # what the gap is: f - f*, or a relative residual
    tolerance: float
    drawn: tuple[float, float]  # gaps outside are drawn at the edge: below it has arrived, above it is lost
    curves: Sequence[Curve]
    shown: Sequence[str]  # the solvers whose curves are drawn unless more are asked for


@dataclass(frozen=True)
class Step:
    """One run of a sweep over step sizes."""

    ratio: float  # the step, in units of 2/L
    step: float
    status: str
    iterations: int
    gap: float


@dataclass(frozen=True)
class Sweep:
    """Iterations to the tolerance, and the gap at the end, against the step."""

    kind: ClassVar[str] = "sweep"
    name: str
    title: str
    caption: str
    tolerance: float
    drawn: tuple[float, float]
    steps: Sequence[Step]


@dataclass(frozen=True)
class Path:
    """The first iterates of one run in the plane."""

    label: str  # the rate and what came of it
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Contour:
    """f over the plane of two coefficients, and paths on it."""

    kind: ClassVar[str] = "contour"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[float]
    y: Sequence[float]
    gap: Sequence[Sequence[float]]  # gap[j][i] at (x[i], y[j])
    minimum: tuple[float, float]
    paths: Sequence[Path]
    shown: Sequence[int]  # the paths drawn in print: one too low, one good, one too high


@dataclass(frozen=True)
class Boundary:
    """What a classifier says all over the plane."""

    kind: ClassVar[str] = "boundary"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[float]
    y: Sequence[float]
    probability: Sequence[Sequence[float]]  # of the label 1; probability[j][i] at (x[i], y[j])
    line: bool  # whether a line at one half means anything
    points: Sequence[tuple[float, float, int]]  # data: x, y, label


def drawn(tolerance: float, first: float) -> tuple[float, float]:
    """The gaps between which curves are told apart."""
    return tolerance * DEEP, max(first, tolerance) * HIGH


Figure = Convergence | Sweep | Contour | Boundary
