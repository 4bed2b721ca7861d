"""What a figure shows, before it is drawn: print, page and CSV all take their numbers from these records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from experiments.lab.run.outcome import Status

DEEP, HIGH = 1e-4, 1e3  # gaps are drawn from DEEP times the tolerance up to HIGH times the first gap


@dataclass(frozen=True)
class ConvergenceCurve:
    """One run of a solver, with one seed: the gap at each iterate that was judged."""

    solver: str
    seed: int
    status: Status
    iterations: Sequence[int]
    seconds: Sequence[float]
    passes: Sequence[float | None]  # over the rows; None where they are unknown
    gap: Sequence[float]


@dataclass(frozen=True)
class Convergence:
    """Gap against time, iterations and passes over the rows, for the solvers of one problem."""

    kind: ClassVar[str] = "convergence"
    name: str
    title: str
    caption: str
    measure: str  # what the gap is: f - f*, or a relative residual
    tolerance: float
    drawn: tuple[float, float]  # the range of gaps that is drawn; a gap outside it is drawn at its edge
    curves: Sequence[ConvergenceCurve]
    shown: Sequence[str]  # the solvers whose curves are drawn at first; the page can add the others


@dataclass(frozen=True)
class Step:
    """One run of a sweep over step sizes."""

    ratio: float  # the step, in the units of the sweep
    step: float
    status: Status
    iterations: int
    gap: float


@dataclass(frozen=True)
class Sweep:
    """Iterations to the tolerance, and the gap at the end of the run, against the step."""

    kind: ClassVar[str] = "sweep"
    name: str
    title: str
    caption: str
    tolerance: float
    drawn: tuple[float, float]
    steps: Sequence[Step]
    unit: str = "2/L"
    limit: float | None = 1.0  # the largest step for which theory promises convergence, in those units


@dataclass(frozen=True)
class IteratePath:
    """Iterates of one run in the plane."""

    label: str  # the solver or its step, and how the run ended
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Contour:
    """f over the plane of two coefficients, and the paths of runs in it."""

    kind: ClassVar[str] = "contour"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[float]
    y: Sequence[float]
    gap: Sequence[Sequence[float]]  # f - f*; gap[j][i] at (x[i], y[j])
    minimum: tuple[float, float]
    paths: Sequence[IteratePath]
    shown: Sequence[int]  # indices of the paths that are drawn in print


@dataclass(frozen=True)
class Boundary:
    """The probabilities that a classifier gives over the plane of its two columns."""

    kind: ClassVar[str] = "boundary"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[float]
    y: Sequence[float]
    probability: Sequence[Sequence[float]]  # of the label 1; probability[j][i] at (x[i], y[j])
    line: bool  # whether the line of probability 1/2 is drawn
    points: Sequence[tuple[float, float, int]]  # rows of the data: x, y, label


@dataclass(frozen=True)
class Line:
    """One series; `low` and `high` are the edges of a band around it, where it has one."""

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    guide: bool = False  # a prediction or a limit, not a measurement: drawn thin and without marks


@dataclass(frozen=True)
class Lines:
    """Series of numbers against a number."""

    kind: ClassVar[str] = "lines"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    scales: tuple[str, str]  # each "linear" or "log"
    lines: Sequence[Line]
    upright: Sequence[tuple[float, str]] = ()  # vertical lines: x, and the text beside the line
    level: Sequence[tuple[float, str]] = ()  # horizontal lines: y, and the text beside the line


@dataclass(frozen=True)
class Bars:
    """One number for each name, in groups of bars."""

    kind: ClassVar[str] = "bars"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    scale: str  # of the numbers: "linear" or "log"
    names: Sequence[str]
    groups: Sequence[tuple[str, Sequence[float | None]]]  # the name of the group, and a number for each name


@dataclass(frozen=True)
class Field:
    """A number, or one of a few classes, for each pair (x, y); None where there is none."""

    kind: ClassVar[str] = "field"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[str]  # the texts at the axis, in order
    y: Sequence[str]
    z: Sequence[Sequence[float | None]]  # z[j][i] at (x[i], y[j]); the index of a class where there are classes
    measure: str  # what z is
    scale: str = "linear"  # of z: or "log"
    classes: Sequence[str] = ()  # their names, where z holds classes


@dataclass(frozen=True)
class Frames:
    """The probabilities that a classifier gives over the plane while it learns: one picture per moment."""

    kind: ClassVar[str] = "frames"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[float]
    y: Sequence[float]
    moments: Sequence[str]  # the text of each moment, shown beside the slider
    shades: Sequence[str]  # per moment: base64 of one byte per point, 255 times the probability of label 1, row by row
    points: Sequence[tuple[float, float, int]]
    traces: Sequence[Line] = ()  # further numbers at each moment, such as the loss


@dataclass(frozen=True)
class Picture:
    """A finished drawing: SVG that Solver Lab has made itself."""

    kind: ClassVar[str] = "picture"
    name: str
    title: str
    caption: str
    svg: str


@dataclass(frozen=True)
class ResultTable:
    """A table as outputs show it."""

    title: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float | None]]


def drawn(tolerance: float, first: float) -> tuple[float, float]:
    """The range of gaps that a figure draws, from the tolerance and the largest first gap."""
    return tolerance * DEEP, max(first, tolerance) * HIGH


Figure = Convergence | Sweep | Contour | Boundary | Lines | Bars | Field | Frames | Picture
