"""Activations drawn: themselves and their slopes, what they cost, what they do to gradients and to units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from experiments.figures.records import Bars, Field, Figure, Line, Lines
from experiments.lab.measurement.measurement import Read

THEMSELVES = "How to read this: what comes out against what goes in; of maxout and softmax one input, the others at 0."
SLOPES = (
    "How to read this: the slope that the pass back multiplies by, where the input is as on the axis: far from 0 it is "
    "0 for some, and nothing is learned there."
)
FADED = (
    "How to read this: level is good; a line that falls is a gradient that vanishes on its way to the first layer, one "
    "that rises explodes. Bands go from the least to the greatest of the stacks; dotted is the most that the sigmoid's "
    "slope of 1/4 lets through."
)
GAINS = (
    "How to read this: what one layer multiplies the gradient by; 1 keeps it, so 0.5 leaves a billionth after thirty "
    "layers. Darker shrinks, brighter grows."
)
DEAD = (
    "How to read this: the higher, the more hidden units learn nothing any more; a gap is a run that ended in numbers "
    "that are not finite."
)
COSTS = "How to read this: the lower the cheaper; a missing bar: the native training loop has no code for it."


def curves(known: Sequence[Read]) -> list[Figure]:
    """Each activation, and its slope."""
    if not known:
        return []
    kinds = (("a", "The activations", "a(z)", THEMSELVES), ("slope", "Their slopes", "a'(z)", SLOPES))
    return [
        Lines(key, title, caption, ("z", up), ("linear", "linear"), [Line(r["name"], r["z"], r[key]) for r in known])
        for key, title, up, caption in kinds
    ]


def fading(flows: Sequence[Read]) -> list[Lines]:
    """The gradient at the first layer over that at the last, by depth: at the gain nearest 1, and at the largest."""
    gains = {read["gain"] for read in flows}
    shown = {min(gains, key=lambda gain: abs(gain - 1)), max(gains)} if gains else set()
    return [_by_depth(flows, gain) for gain in sorted(shown)]


def _by_depth(flows: Sequence[Read], gain: float) -> Lines:
    lines = []
    for name in _names(flows):
        own = [read for read in flows if read["activation"] == name and read["gain"] == gain and read["ratio"]]
        at = sorted({float(read["depth"]) for read in own})
        seen = [[read["ratio"] for read in own if read["depth"] == depth] for depth in at]
        middle = [float(np.exp(np.mean(np.log(each)))) for each in seen]
        lines.append(Line(name, at, middle, [min(each) for each in seen], [max(each) for each in seen]))
    every = sorted({float(read["depth"]) for read in flows})
    lines.append(Line(f"{gain / 4:g} a layer", every, [(gain / 4) ** (depth - 1) for depth in every], guide=True))
    axes = ("hidden layers", "gradient at the first layer over that at the last")
    title = f"How the gradient passes, weights of gain {gain:g}"
    return Lines(f"depth, gain {gain:g}", title, FADED, axes, ("linear", "log"), lines)


def gain_field(layers: dict[tuple[str, float], float]) -> Field | None:
    """What a layer multiplies the gradient by."""
    if not layers:
        return None
    names, gains = list(dict.fromkeys(name for name, _ in layers)), sorted({gain for _, gain in layers})
    z = [[layers.get((name, gain)) for name in names] for gain in gains]
    title = "What a layer multiplies the gradient by"
    return Field("gain", title, GAINS, ("activation", "gain of the weights"), names, [f"{g:g}" for g in gains], z,
                 "factor a layer")  # fmt: skip


def deaths(reads: Sequence[Read]) -> Lines | None:
    """The share of dead units against the step."""
    if not reads:
        return None
    lines = []
    for name in _names(reads):
        own = [read for read in reads if read["activation"] == name]
        at = sorted({read["rate"] for read in own})
        seen = [[read["dead"] for read in own if read["rate"] == rate and read["dead"] is not None] for rate in at]
        lines.append(Line(name, at, [float(np.mean(each)) if each else None for each in seen]))
    axes = ("step of gradient descent", "share of hidden units dead")
    title = f"Units that learn nothing any more, after {reads[0]['epochs']} steps"
    return Lines("dead", title, DEAD, axes, ("log", "linear"), lines)


def costs(known: Sequence[Read]) -> Bars | None:
    """Nanoseconds an output."""
    if not known:
        return None
    kinds = (("forward", "value_ns"), ("forward and back", "both_ns"), ("both, native", "native_ns"))
    groups = [(label, [read[key] for read in known]) for label, key in kinds]
    names = [read["name"] for read in known]
    return Bars("cost", "What an activation costs", COSTS, ("activation", "ns an output"), "log", names, groups)


def _names(reads: Iterable[Read]) -> list[str]:
    return list(dict.fromkeys(read["activation"] for read in reads))
