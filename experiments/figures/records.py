"""What a figure shows, before it is drawn: print, page and CSV all take their numbers from here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

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

    ratio: float  # the step, in units of the sweep's
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
    unit: str = "2/L"
    limit: float | None = 1.0  # where theory ends convergence, in those units


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


@dataclass(frozen=True)
class Line:
    """One series; `low` and `high` are the edges of a band about it, where there is one."""

    label: str
    x: Sequence[float]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    guide: bool = False  # what theory says, or a limit: drawn thin and without marks


@dataclass(frozen=True)
class Lines:
    """Anything against a number."""

    kind: ClassVar[str] = "lines"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    scales: tuple[str, str]  # each "linear" or "log"
    lines: Sequence[Line]
    upright: Sequence[tuple[float, str]] = ()  # places on the x axis with a meaning
    level: Sequence[tuple[float, str]] = ()  # and on the y axis


@dataclass(frozen=True)
class Bars:
    """One number each for some names, in groups."""

    kind: ClassVar[str] = "bars"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    scale: str  # of the numbers: "linear" or "log"
    names: Sequence[str]
    groups: Sequence[tuple[str, Sequence[float | None]]]  # what a colour means, and a number for each name


@dataclass(frozen=True)
class Field:
    """A number, or one of a few classes, for each pair of two others; None where there is none."""

    kind: ClassVar[str] = "field"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[str]  # in order, as they are to be written
    y: Sequence[str]
    z: Sequence[Sequence[float | None]]  # z[j][i] at (x[i], y[j]); of classes their index
    measure: str  # what z is
    scale: str = "linear"  # of z: or "log"
    classes: Sequence[str] = ()  # the names, where z is one


@dataclass(frozen=True)
class Frames:
    """What a classifier says of the plane while it learns: a picture a moment."""

    kind: ClassVar[str] = "frames"
    name: str
    title: str
    caption: str
    axes: tuple[str, str]
    x: Sequence[float]
    y: Sequence[float]
    moments: Sequence[str]  # what stands beside the scrubber
    shades: Sequence[str]  # of each moment, base64 of one byte a point, rows of y: 255 times the probability of label 1
    points: Sequence[tuple[float, float, int]]
    traces: Sequence[Line] = ()  # what else went on, at each moment: the loss, dead units


@dataclass(frozen=True)
class Picture:
    """A drawing that is whole as it is: SVG, made by this house."""

    kind: ClassVar[str] = "picture"
    name: str
    title: str
    caption: str
    svg: str


@dataclass(frozen=True)
class Table:
    """Rows that a person reads."""

    title: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str | float | None]]


def short(value: Any) -> str:
    """A cell of a table as it is shown: numbers to four digits, nothing for None.

    >>> [short(x) for x in (0.123456, 1234567, None, True, "a")]
    ['0.1235', '1234567', '', 'yes', 'a']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def drawn(tolerance: float, first: float) -> tuple[float, float]:
    """The gaps between which curves are told apart."""
    return tolerance * DEEP, max(first, tolerance) * HIGH


Figure = Convergence | Sweep | Contour | Boundary | Lines | Bars | Field | Frames | Picture
