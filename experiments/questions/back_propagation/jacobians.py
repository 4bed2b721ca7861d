"""The backward pass through one layer, with the Jacobian and without: bytes and seconds, and how they grow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import nnls

from experiments.lab.analysis.statistics import fitted_power
from experiments.lab.measurement.cost import cpu_seconds, peak_bytes
from experiments.lab.measurement.measurement import MeasurementResult
from problems.graph import Evaluation, Graph, parse

LAYERS = {"activation": "relu(x)", "dense": "tanh(x @ W)"}
MEASURES = ("bytes with J", "bytes without J", "seconds with J", "seconds without J")
POWERS = {"activation": (2, 1, 2, 1), "dense": (2, 1, 3, 2)}  # of the width, in theory, for each of MEASURES
ENTRY = 4  # bytes of a float32
CALL, SPEED = 2e-5, 1e10  # roughly: seconds of a call, and operations per second; they predict what would take too long
LARGEST = 4  # sizes that a power is fitted to, the largest: in small ones calls cost more than arithmetic


def backward_cost(kind: str, width: int, batch: int, megabytes: int, patience: float, seed: int) -> dict[str, Any]:
    """Bytes and processor seconds of g J, where J is the Jacobian of a layer, with J formed and without.

    J is formed if it needs at most `megabytes` and about `patience` seconds at most; otherwise its values are None.
    difference: the largest between the two results, relative to the largest entry.
    """
    rng = np.random.default_rng(seed)
    inputs = {"x": rng.standard_normal((batch, width), np.float32)}
    if kind == "dense":
        inputs["W"] = rng.standard_normal((width, width), np.float32) / np.float32(np.sqrt(width))
    layer, g = Graph(parse(LAYERS[kind])).at(inputs), rng.standard_normal((batch, width), np.float32)
    without = peak_bytes(lambda: layer.vjp(g, "x")["x"])
    (seconds,) = cpu_seconds(lambda: layer.vjp(g, "x"))
    values = {
        "bytes with J": None, "bytes without J": without.bytes, "seconds with J": None, "seconds without J": seconds,
        "difference": None,
    }  # fmt: skip
    operations = 2 * g.size * width if kind == "dense" else g.size
    if ENTRY * g.size**2 > megabytes * 2**20 or g.size * (CALL + operations / SPEED) > patience:
        return values
    formed = peak_bytes(lambda: product_with_jacobian(layer, g))
    (seconds,) = cpu_seconds(lambda: product_with_jacobian(layer, g), repeats=3)
    scale = max(abs(without.value).max(), np.finfo(np.float32).tiny)
    difference = float(abs(formed.value - without.value).max() / scale)
    return values | {"bytes with J": formed.bytes, "seconds with J": seconds, "difference": difference}


def product_with_jacobian(layer: Evaluation, g: Any) -> Any:
    """g J for the Jacobian J by x, which is formed row by row. g and the result have the shape of x."""
    J, e = np.empty((g.size, g.size), g.dtype), np.zeros_like(g)
    for k in range(g.size):
        e.flat[k] = 1
        J[k] = layer.vjp(e, "x")["x"].ravel()
        e.flat[k] = 0
    return (g.ravel() @ J).reshape(g.shape)


class CostModel(NamedTuple):
    """One measure by width n, and the model of it: c n^p for the calls plus c n^p for the arithmetic."""

    widths: list[float]
    values: list[float]
    power: float | None  # fitted alone to the largest sizes; None where there are fewer than three
    terms: Sequence[tuple[int, float]]  # p and c of the calls, and of the arithmetic

    def at(self, width: float) -> float | None:
        """The measured value, or the predicted one where there is no measurement; None where there is no model."""
        if width in self.widths:
            return self.values[self.widths.index(width)]
        return sum(c * width**p for p, c in self.terms) if self.terms else None

    def call_share(self, width: float) -> float | None:
        """The share of the calls in the model's value."""
        parts = [c * width**p for p, c in self.terms]
        return parts[0] / sum(parts) if parts and sum(parts) else None


def cost_model(measured: Sequence[MeasurementResult], kind: str, batch: int, measure: str) -> CostModel:
    """The model of one layer, batch and measure; its c are not negative and minimise the squared relative errors."""
    known = [m for m in measured if m["kind"] == kind and m["batch"] == batch and m[measure]]
    known.sort(key=lambda m: m["width"])
    widths, values = [float(m["width"]) for m in known], [float(m[measure]) for m in known]
    terms: list[tuple[int, float]] = []
    if len(set(widths)) > 2:
        calls = int(measure == "seconds with J")  # J takes n calls
        powers = [calls, POWERS[kind][MEASURES.index(measure)]]
        A = np.array([[n**p / value for p in powers] for n, value in zip(widths, values, strict=True)])
        scale = A.max(0)
        terms = list(zip(powers, (nnls(A / scale, np.ones(len(widths)))[0] / scale).tolist(), strict=True))
    return CostModel(widths, values, fitted_power(widths[-LARGEST:], values[-LARGEST:]), terms)
