"""Which activation, and what can go wrong?

Each activation is sampled over inputs from -1000 to 1000 and its properties are read off: range, smoothness, whether it
and its slope are monotone, whether it is all but the identity at 0, and what an output costs. Then two things that go
wrong. Gradients vanish or explode: through a stack of hidden layers of one width, weights normal with variance
gain^2 / fan_in, the gradient that arrives at the first layer over that at the last, both in what the activation is
given. Each layer multiplies it by the gain times the root mean square of the slopes: gain / sqrt 2 for relu, at most
gain / 4 for the sigmoid. And units die: a step too long leaves relu's below zero on every row, where the slope is 0 and
nothing brings them back; where the slope is small but never 0 they fall asleep. Softmax is for outputs, and has no
part in either.

Sources: Hochreiter (1991); Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; Lu et al. (2020),
arXiv:1903.06733.

Settings: width and depth of the stack; gains, of its weights; seeds, how many stacks and starts; rates, the steps of
gradient descent under which units may die, and epochs, how many of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from experiments.figures.records import Figure, Table
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import fold
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.questions.activations.measured import dying, flow, properties
from experiments.questions.activations.pictures import costs, curves, deaths, fading, gain_field
from problems.parts.activations import ACTIVATIONS

HIDDEN = tuple(name for name in ACTIVATIONS if name != "softmax")
MORTAL = ("relu", "leaky-relu", "elu", "gelu", "tanh", "sigmoid")
SETTINGS: dict[str, Any] = {
    "width": 64, "depth": 30, "gains": [0.5, 1.0, 1.4142, 2.0], "seeds": 5,
    "rates": [0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 100.0], "epochs": 300,
}  # fmt: skip
QUICK: dict[str, Any] = {"seeds": 3, "rates": [0.01, 0.1, 1.0, 2.0, 4.0, 8.0, 16.0, 100.0], "epochs": 100}
KEPT = 10.0  # a gradient no further than this many times from where it began has neither vanished nor exploded
LITTLE = 0.02  # a share of units that dies of chance
FACTORS = {  # of one layer at gain 1, where theory has it for any input
    "linear": 1.0, "relu": math.sqrt(0.5), "leaky-relu": math.sqrt((1 + 0.01**2) / 2),
    "prelu": math.sqrt((1 + 0.25**2) / 2), "maxout": 1.0,
}  # fmt: skip
STATED = "Read off samples from -1000 to 1000; smooth: how many derivatives have no jump, looked for up to the second."
PASSED = "What a layer multiplies the gradient by, fitted over all depths; empty where theory knows but a bound."


def chosen(options: Options, name: str) -> Any:
    """A setting; a smaller one where it must be quick and nothing else was asked."""
    given = options.settings[name]
    return QUICK.get(name, given) if options.quick and given == SETTINGS[name] else given


def depths(options: Options) -> list[int]:
    """So many hidden layers, from two on."""
    most, count = options.settings["depth"], 5 if options.quick else 10
    return sorted({max(2, round(most * k / count)) for k in range(1, count + 1)})


def trials(options: Options) -> Sequence[Trial]:
    """Properties of all, stacks of every depth and gain, and steps from far too short to far too long."""
    seeds = range(options.seed, options.seed + chosen(options, "seeds"))
    width, epochs = options.settings["width"], chosen(options, "epochs")
    stacks = [
        trial(flow, activation=name, gain=float(gain), depth=depth, width=width, seed=seed)
        for name in HIDDEN
        for gain in options.settings["gains"]
        for depth in depths(options)
        for seed in seeds
    ]
    steps = [
        trial(dying, activation=name, rate=float(rate), epochs=epochs, seed=seed)
        for name in MORTAL
        for rate in chosen(options, "rates")
        for seed in seeds
    ]
    return [*(trial(properties, name=name) for name in ACTIVATIONS), *stacks, *steps]


EXPERIMENT = Experiment("activations", "activations", __doc__ or "", trials=trials, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """The table, measured; how gradients pass through each; and which units die of which step."""
    known, flows, deaths_ = (result.read(name) for name in ("properties", "flow", "dying"))
    layers = factors(flows)
    verdicts = [*stated(known), *priced(known), *faded(layers, flows), *died(deaths_)]
    figures: list[Figure | None] = [*curves(known), *fading(flows), gain_field(layers), deaths(deaths_), costs(known)]
    return Answer(verdicts, [each for each in figures if each], [_table(known), _factor_table(layers)])


def _table(known: Sequence[Read]) -> Table:
    heads = (
        "activation",
        "range",
        "smooth",
        "monotone",
        "slope too",
        "as z at 0",
        "ns value",
        "ns + back",
        "ns native",
    )
    rows = [
        (read["name"], _range(read), "2 or more" if read["order"] > 1 else str(read["order"]), read["monotone"],
         read["monotone_slope"], read["identity"], read["value_ns"], read["both_ns"], read["native_ns"])
        for read in known
    ]  # fmt: skip
    return Table("The activations, measured", STATED, heads, rows)


def _range(read: Read) -> str:
    low, high = ("no end" if end is None else f"{end:.3g}" for end in (read["least"], read["greatest"]))
    return f"{low} to {high}"


def _factor_table(layers: dict[tuple[str, float], float]) -> Table:
    rows = [(name, gain, found, FACTORS[name] * gain if name in FACTORS else None)
            for (name, gain), found in layers.items()]  # fmt: skip
    return Table("The gradient, layer by layer", PASSED, ("activation", "gain", "factor a layer", "theory"), rows)


def stated(known: Sequence[Read]) -> list[str]:
    """Whether the properties are those that the table of activations states."""
    if not known:
        return []
    differs = [f"{read['name']}: {', '.join(read['differs'])}" for read in known if read["differs"]]
    if differs:
        return [f"Measured properties differ from those that the table of activations states: {'; '.join(differs)}."]
    return [
        f"Range, smoothness, monotony and behaviour at 0 of all {len(known)} activations, measured, are those that the "
        f"table of activations states."
    ]


def priced(known: Sequence[Read]) -> list[str]:
    """The cheapest and the dearest."""
    if len(known) < 2:
        return []
    by_cost = sorted(known, key=lambda read: read["both_ns"])
    low, high = by_cost[0], by_cost[-1]
    return [
        f"Forward and back {low['name']} costs least, {low['both_ns']:.2g} ns an output, and {high['name']} most, "
        f"{high['both_ns']:.2g} ns, {fold(high['both_ns'] / low['both_ns'])}."
    ]


def factors(flows: Sequence[Read]) -> dict[tuple[str, float], float]:
    """What a layer multiplies the gradient by, for each activation and gain: a line through log ratio and depth."""
    found: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for read in flows:
        if read["ratio"]:
            points = found.setdefault((read["activation"], read["gain"]), [])
            points.append((read["depth"] - 1.0, math.log(read["ratio"])))
    return {
        key: math.exp(sum(x * y for x, y in points) / sum(x * x for x, _ in points))
        for key, points in found.items()
        if any(x for x, _ in points)
    }


def faded(layers: dict[tuple[str, float], float], flows: Sequence[Read]) -> list[str]:
    """Where gradients vanish, where they explode, and where they keep."""
    if not layers:
        return []
    deep = max(read["depth"] for read in flows)
    ends = {key: factor ** (deep - 1) for key, factor in layers.items()}
    found = []
    for gain in sorted({gain for _, gain in layers}):
        own = {name: end for (name, other), end in ends.items() if other == gain}
        kept = [name for name, end in own.items() if 1 / KEPT <= end <= KEPT]
        least, most = min(own, key=lambda name: own[name]), max(own, key=lambda name: own[name])
        parts = []
        if own[least] < 1 / KEPT:
            parts.append(f"with {least} it falls to {own[least]:.1g} ({layers[least, gain]:.2g} a layer)")
        if own[most] > KEPT:
            parts.append(f"with {most} it grows {own[most]:.1g} times ({layers[most, gain]:.2g} a layer)")
        parts.append(f"it keeps within {KEPT:g} times with {', '.join(kept) or 'none'}")
        found.append(f"At gain {gain:g} the gradient passes {deep} layers so: {'; '.join(parts)}.")
    known = [(layers[key], FACTORS[key[0]] * key[1]) for key in layers if key[0] in FACTORS]
    if known:
        off = max(abs(seen / theory - 1) for seen, theory in known)
        found.append(f"Where theory knows the factor of a layer, what was measured is within {off:.0%} of it.")
    return found


def died(reads: Sequence[Read]) -> list[str]:
    """From which step on units die that lived at the start, and which never do."""
    found, never, born = [], [], []
    for name in dict.fromkeys(read["activation"] for read in reads):
        shares, before = mortality([read for read in reads if read["activation"] == name])
        some = sorted(rate for rate, share in shares.items() if share > before + LITTLE)
        if before:
            born.append(f"{before:.0%} with {name}")
        if some:
            worst = max(shares, key=lambda rate: shares[rate])
            most = f", at most {shares[worst]:.0%} at {worst:g}" if worst != some[0] else ""
            found.append(f"{name} from a step of {some[0]:g} on, {shares[some[0]]:.0%}{most}")
        elif shares:
            never.append(name)
    if not found and not never:
        return []
    start = f" (from the start {', '.join(born)})" if born else ""
    told = [
        f"After {reads[0]['epochs']} steps of gradient descent hidden units are dead or asleep with "
        f"{'; '.join(found) or 'none'}{start}; never with {', '.join(never) or 'none of the others'}."
    ]
    lost = {name: [r["rate"] for r in reads if r["activation"] == name and r["dead"] is None] for name in MORTAL}
    if any(lost.values()):
        each = ", ".join(f"{name} from {min(rates):g} on" for name, rates in lost.items() if rates)
        told.append(f"Runs end in numbers that are not finite with {each}.")
    return told


def mortality(own: Sequence[Read]) -> tuple[dict[float, float], float]:
    """The mean share of dead units after each step size, and before the first step."""
    ended = [read for read in own if read["dead"] is not None]
    rates = {read["rate"] for read in ended}
    shares = {rate: float(np.mean([r["dead"] for r in ended if r["rate"] == rate])) for rate in rates}
    return shares, float(np.mean([read["before"] for read in own])) if own else 0.0
