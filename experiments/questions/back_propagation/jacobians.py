"""A product with the Jacobian of a layer, formed and not: its bytes and seconds, and how they grow with the width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import nnls

from experiments.lab.analysis.statistics import slope
from experiments.lab.measurement.cost import cpu_seconds, peak_bytes
from experiments.lab.measurement.measurement import Read
from problems.graph import Graph, Run, parse

LAYERS = {"activation": "relu(x)", "dense": "tanh(x @ W)"}
MEASURES = ("bytes with J", "bytes without", "seconds with J", "seconds without")
POWERS = {"activation": (2, 1, 2, 1), "dense": (2, 1, 3, 2)}  # of the width, by theory
ENTRY = 4  # bytes of a float32
CALL, SPEED = 2e-5, 1e10  # seconds of a pass and operations a second, about: to foresee what would take too long
FITTED = 4  # sizes, the largest, that a power is fitted to: in the small ones calls cost more than work


def layer(kind: str, width: int, batch: int, megabytes: int, patience: float, seed: int) -> dict[str, Any]:
    """Bytes and processor seconds of g J with the Jacobian J and without, J where it fits and the time allows.

    apart: the largest difference between both, relative to the largest entry.
    """
    rng = np.random.default_rng(seed)
    given = {"x": rng.standard_normal((batch, width), np.float32)}
    if kind == "dense":
        given["W"] = rng.standard_normal((width, width), np.float32) / np.float32(np.sqrt(width))
    run, g = Graph(parse(LAYERS[kind])).at(given), rng.standard_normal((batch, width), np.float32)
    one = peak_bytes(lambda: run.vjp(g, "x")["x"])
    (quick,) = cpu_seconds(lambda: run.vjp(g, "x"))
    read = {"bytes with J": None, "bytes without": one.bytes, "seconds with J": None, "seconds without": quick}
    work = 2 * g.size * width if kind == "dense" else g.size
    if ENTRY * g.size**2 > megabytes * 2**20 or g.size * (CALL + work / SPEED) > patience:
        return read | {"apart": None}
    formed = peak_bytes(lambda: through(run, g))
    (long,) = cpu_seconds(lambda: through(run, g), repeats=3)
    apart = float(abs(formed.value - one.value).max() / max(abs(one.value).max(), np.finfo(np.float32).tiny))
    return read | {"bytes with J": formed.bytes, "seconds with J": long, "apart": apart}


def through(run: Run, g: Any) -> Any:
    """g J by x, J formed row by row."""
    J, e = np.empty((g.size, g.size), g.dtype), np.zeros_like(g)
    for k in range(g.size):
        e.flat[k] = 1
        J[k] = run.vjp(e, "x")["x"].ravel()
        e.flat[k] = 0
    return (g.ravel() @ J).reshape(g.shape)


class Law(NamedTuple):
    """What was measured by width, and what theory makes of it: what calls cost and what work does, c n^p each."""

    widths: list[float]
    values: list[float]
    fitted: float | None  # one power alone, of the largest sizes; None of fewer than three
    terms: Sequence[tuple[int, float]]  # p and c

    def at(self, width: float) -> float | None:
        """Measured there, or foretold."""
        if width in self.widths:
            return self.values[self.widths.index(width)]
        return sum(c * width**p for p, c in self.terms) if self.terms else None


def law(reads: Sequence[Read], kind: str, batch: int, measure: str) -> Law:
    """The law of one layer and batch, its c by least squares on relative errors, none below 0."""
    own = [read for read in reads if read["kind"] == kind and read["batch"] == batch and read[measure]]
    own.sort(key=lambda read: read["width"])
    x, y = [float(read["width"]) for read in own], [float(read[measure]) for read in own]
    terms: list[tuple[int, float]] = []
    if len(set(x)) > 2:
        powers = [int(measure == "seconds with J"), POWERS[kind][MEASURES.index(measure)]]  # J takes n calls
        A = np.array([[at**p / value for p in powers] for at, value in zip(x, y, strict=True)])
        size = A.max(0)
        terms = list(zip(powers, (nnls(A / size, np.ones(len(x)))[0] / size).tolist(), strict=True))
    return Law(x, y, slope(x[-FITTED:], y[-FITTED:]), terms)


def calls(known: Law, n: float) -> float | None:
    """The share of what calls cost in the law's value at n."""
    parts = [c * n**p for p, c in known.terms]
    return parts[0] / sum(parts) if parts and sum(parts) else None
