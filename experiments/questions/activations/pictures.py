"""Activations as figures: their curves, their cost, and what they do to gradients and to hidden units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from experiments.figures.records import Bars, Field, Figure, Line, Lines
from experiments.lab.measurement.measurement import MeasurementResult

CURVES = (
    "How to read this: the output of each activation against its input. For maxout and softmax one input varies, and "
    "the others are 0."
)
DERIVATIVES = (
    "How to read this: the factor by which the backward pass multiplies the gradient, against the input. Where it is "
    "0, as it is for some activations far from 0, nothing is learned."
)
BY_DEPTH = (
    "How to read this: a level line is best. A falling line is a gradient that vanishes on its way to the first layer; "
    "a rising line is one that explodes. Bands contain all stacks. The dotted line is the most that the sigmoid's "
    "derivative, 1/4 or less, lets through."
)
BY_GAIN = (
    "How to read this: the factor by which one layer multiplies the gradient. A factor of 1 keeps it, and 0.5 leaves a "
    "billionth after thirty layers. Darker squares shrink it more, brighter ones let it grow."
)
DEAD_UNITS = (
    "How to read this: the higher, the more hidden units have stopped learning. A gap is a run whose parameters are no "
    "longer finite."
)
COSTS = "How to read this: lower is cheaper. A bar is missing where the native training loop has no code."


def curves(known: Sequence[MeasurementResult]) -> list[Figure]:
    """Each activation, and its derivative."""
    if not known:
        return []
    kinds = (
        ("a", "The activations", "a(z)", CURVES),
        ("derivative", "The derivatives of the activations", "a'(z)", DERIVATIVES),
    )
    figures: list[Figure] = []
    for key, title, y, caption in kinds:
        lines = [Line(result["name"], result["z"], result[key]) for result in known]
        figures.append(Lines(key, title, caption, ("z", y), ("linear", "linear"), lines))
    return figures


def gradients_by_depth(flows: Sequence[MeasurementResult]) -> list[Lines]:
    """The gradient at the first layer over that at the last, by depth: for the gain nearest 1, and for the largest."""
    gains = {result["gain"] for result in flows}
    shown = {min(gains, key=lambda gain: abs(gain - 1)), max(gains)} if gains else set()
    return [_by_depth(flows, gain) for gain in sorted(shown)]


def _by_depth(flows: Sequence[MeasurementResult], gain: float) -> Lines:
    lines = []
    for name in _names(flows):
        known = [
            result for result in flows if result["activation"] == name and result["gain"] == gain and result["ratio"]
        ]
        depths = sorted({float(result["depth"]) for result in known})
        ratios = [[result["ratio"] for result in known if result["depth"] == depth] for depth in depths]
        means = [float(np.exp(np.mean(np.log(of_depth)))) for of_depth in ratios]
        lines.append(Line(name, depths, means, list(map(min, ratios)), list(map(max, ratios))))
    depths = sorted({float(result["depth"]) for result in flows})
    bound = [(gain / 4) ** (depth - 1) for depth in depths]
    lines.append(Line(f"{gain / 4:g} per layer", depths, bound, guide=True))
    axes = ("hidden layers", "gradient at the first layer over that at the last")
    title = f"The gradient through a stack of layers, weights of gain {gain:g}"
    return Lines(f"depth, gain {gain:g}", title, BY_DEPTH, axes, ("linear", "log"), lines)


def factor_map(factors: dict[tuple[str, float], float]) -> Field | None:
    """The factor by which a layer multiplies the gradient, by activation and gain."""
    if not factors:
        return None
    names, gains = list(dict.fromkeys(name for name, _ in factors)), sorted({gain for _, gain in factors})
    return Field(
        "gain",
        "The factor by which a layer multiplies the gradient",
        BY_GAIN,
        ("activation", "gain of the weights"),
        names,
        [f"{gain:g}" for gain in gains],
        [[factors.get((name, gain)) for name in names] for gain in gains],
        "factor per layer",
    )


def dead_by_rate(trained: Sequence[MeasurementResult]) -> Lines | None:
    """The share of dead units against the learning rate."""
    if not trained:
        return None
    lines = []
    for name in _names(trained):
        known = [result for result in trained if result["activation"] == name]
        rates = sorted({result["rate"] for result in known})
        shares = [
            [result["dead"] for result in known if result["rate"] == rate and result["dead"] is not None]
            for rate in rates
        ]
        lines.append(Line(name, rates, [float(np.mean(of_rate)) if of_rate else None for of_rate in shares]))
    axes = ("learning rate of gradient descent", "share of hidden units that are dead")
    title = f"Dead hidden units after {trained[0]['epochs']} iterations"
    return Lines("dead", title, DEAD_UNITS, axes, ("log", "linear"), lines)


def costs(known: Sequence[MeasurementResult]) -> Bars | None:
    """Nanoseconds per output."""
    if not known:
        return None
    kinds = (("forward", "value_ns"), ("forward and backward", "both_ns"), ("both, native", "native_ns"))
    groups = [(label, [result[key] for result in known]) for label, key in kinds]
    names = [result["name"] for result in known]
    return Bars("cost", "What an activation costs", COSTS, ("activation", "ns per output"), "log", names, groups)


def _names(results: Iterable[MeasurementResult]) -> list[str]:
    return list(dict.fromkeys(result["activation"] for result in results))
