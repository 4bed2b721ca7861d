"""Why does training cost more?

One network, two modes of use. Inference is a pass forward that forgets each layer as soon as the next is there. A
training step is a pass forward that keeps every layer, because the pass back reads it, then that pass, which does two
products of matrices where the one forward does one, one for the weights' slopes and one for the layer below, and last
the update, theta - step gradient. So theory expects about three times the time, and of the memory, above theta itself,
a few layers' worth for inference, however deep, but for training as much as depth x batch x width. Measured by depth,
width and batch, one at a time: processor seconds, medians of repeats in turns, and the most that is allocated at once.

Settings: depths, widths and batches to try, hidden layers, units and rows; depth, width and batch, where the two others
stand meanwhile; activation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np

from experiments.figures.records import Bars, Figure, Line, Lines, Table
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.statistics import slope
from experiments.lab.analysis.verdict import duration, fold
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.cost import cpu_seconds, peak_bytes, storage
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.lab.spec.grammar import SpecError
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.names import meant
from problems.networks.network import Network, layered
from problems.networks.propagation import forward
from problems.parts.activations import ACTIVATIONS
from problems.parts.losses import squared

WAYS = {"depth": "hidden layers", "width": "units of each hidden layer", "batch": "rows"}
SETTINGS = {
    "depths": [1, 2, 4, 8, 16, 32], "widths": [16, 32, 64, 128, 256, 512], "batches": [1, 4, 16, 64, 256, 1024, 4096],
    "depth": 4, "width": 64, "batch": 256, "activation": "tanh",
}  # fmt: skip
NUMBER = 8  # bytes of a float64
STEP = 1e-3
FITTED = 4  # sizes, the largest, that a power is fitted to: in the small ones what does not grow weighs too much
PEAKS = ("train_bytes", "infer_bytes")
TIMES = (
    "How to read this: the lower the better, medians of processor time. Dotted is what training would take if time "
    "were the number of multiplications."
)
BYTES = (
    "How to read this: the lower the better; the most that is allocated at once, beside theta and the rows. Dotted is "
    "what a layer keeps, what its activation is given and what it gives, times the layers."
)
PARTS = (
    "How to read this: a group is one batch size, a bar one part of its training step. The update reads every weight "
    "once, the passes read them for every row, so that with more rows it weighs less."
)
EACH = "Times are processor time; memory is the most allocated at once, beside theta and the rows."


def trials(options: Options) -> Sequence[Trial]:
    """One size at a time, the others where they stand; the largest are left out of a quick look. Raises SpecError."""
    chosen = options.settings
    if chosen["activation"] not in ACTIVATIONS:
        raise SpecError(f"no activation {chosen['activation']!r}; {meant(chosen['activation'], ACTIVATIONS)}")
    stand = {way: chosen[way] for way in WAYS}
    found: dict[tuple[int, ...], None] = {}
    for way, key in zip(WAYS, ("depths", "widths", "batches"), strict=True):
        sizes = sorted(set(chosen[key]))
        if not sizes or min(*sizes, *stand.values()) < 1:
            raise SpecError(f"{key} is {chosen[key]} about {stand}; each must be at least 1")
        sizes = sizes[:-1] if options.quick and len(sizes) > 3 else sizes
        found |= {tuple((stand | {way: size}).values()): None for size in sizes}
    return [
        trial(step, depth=d, width=w, batch=b, activation=chosen["activation"], seed=options.seed) for d, w, b in found
    ]


def step(depth: int, width: int, batch: int, activation: str, seed: int) -> dict[str, Any]:
    """Processor seconds and bytes of inference and of a training step, and what theory counts.

    work: multiplications of a training step over those of inference. kept, keeps: bytes that the pass forward holds for
    the one back, measured, and counted as Z and A of each hidden layer.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((batch, width)), rng.standard_normal(batch)
    net = layered(X, y, squared, (width, *[width] * depth, 1), activation, 0.0, "xavier")
    theta = net.start(rng)
    g = net.value_and_gradient(theta)[1]

    def train() -> Vector:
        return theta - STEP * net.value_and_gradient(theta)[1]

    names = ("infer", "forward", "gradient", "update", "train")
    calls = (
        lambda: infer(net, theta, X),
        lambda: forward(net.layers, theta, X),
        lambda: net.value_and_gradient(theta),
        lambda: theta - STEP * g,
        train,
    )
    products = [layer.fan_in * layer.columns for layer in net.layers]
    hidden = net.layers[:-1]
    return {
        **dict(zip(names, cpu_seconds(*calls), strict=True)),
        "work": 3 - products[0] / sum(products),  # nothing goes back to the rows
        "infer_bytes": peak_bytes(calls[0]).bytes,
        "train_bytes": peak_bytes(train).bytes,
        "kept": peak_bytes(calls[1]).held,
        "keeps": NUMBER * batch * sum(layer.columns + layer.fan_out for layer in hidden),
        "layer_bytes": NUMBER * batch * width,
        "parameters": net.dim,
    }


def infer(net: Network, theta: Vector, X: Matrix) -> Matrix:
    """The outputs for X; no layer is kept beyond the next."""
    A = X
    for layer in net.layers:
        Z = A @ layer.weights(theta)
        Z += layer.biases(theta)
        A = layer.activation.at(Z, layer.parameters(theta)).A
    return A


EXPERIMENT = Experiment("train-or-infer", "train-or-infer", __doc__ or "", trials=trials, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """How much more time and memory a training step takes than inference, and with what each grows."""
    reads = sorted(result.read("step"), key=lambda read: (read["depth"], read["width"], read["batch"]))
    by_way = dict(sweeps(reads, {**SETTINGS, **result.settings}))
    verdicts = [*times(reads), *memories(reads, by_way)]
    lost = [read for read in result.reads if not read.good]
    if lost:
        verdicts.append(f"{len(lost)} of {len(result.reads)} measurements failed; the first: {lost[0].reading.reason}.")
    return Answer(verdicts, figures(by_way), [summary(reads)])


def sweeps(reads: Sequence[Read], chosen: dict[str, Any]) -> Iterator[tuple[str, list[Read]]]:
    """The sizes tried in each way, in order, the two others where they stand."""
    for way in WAYS:
        others = [other for other in WAYS if other != way]
        own = [read for read in reads if all(read[other] == chosen[other] for other in others)]
        if own:
            yield way, sorted(own, key=lambda read: read[way])


def size_of(read: Read) -> str:
    return f"depth {read['depth']}, width {read['width']}, batch {read['batch']}"


def times(reads: Sequence[Read]) -> list[str]:
    """A training step's time over inference's, against the work counted."""
    if not reads:
        return []
    ratios = [read["train"] / read["infer"] for read in reads]
    low, high = (ratios.index(end) for end in (min(ratios), max(ratios)))
    back = median((read["gradient"] - read["forward"]) / read["forward"] for read in reads)
    work = median(read["work"] for read in reads)
    most = max(reads, key=lambda read: read["train"])
    return [
        f"A training step takes {fold(median(ratios))} the processor time of inference, the median of {len(reads)} "
        f"sizes, from {fold(ratios[low])} ({size_of(reads[low])}) to {fold(ratios[high])} "
        f"({size_of(reads[high])}); by multiplications alone it would be {fold(work)}. The pass back takes "
        f"{fold(back)} the time of the one forward, by multiplications {fold(work - 1)}.",
        f"At the size that takes longest, {size_of(most)}, of a step's {duration(most['train'])} the pass forward is "
        f"{most['forward'] / most['train']:.0%}, the pass back "
        f"{(most['gradient'] - most['forward']) / most['train']:.0%}, the update {most['update'] / most['train']:.0%}.",
    ]


def memories(reads: Sequence[Read], by_way: dict[str, list[Read]]) -> list[str]:
    """How memory grows, and what is kept for the pass back."""
    if not reads:
        return []
    grown = []
    for way, own in by_way.items():
        last = own[-FITTED:]
        powers = [slope([read[way] for read in last], [read[key] for read in last]) for key in PEAKS]
        if None not in powers:
            grown.append(f"{way}^{powers[0]:.2f} and {way}^{powers[1]:.2f}")
    told = f" Over the largest sizes of each the two grow like {', '.join(grown)}." if grown else ""
    deep = by_way.get("depth", reads)
    most = deep[-1]
    own = 2 * NUMBER * most["parameters"] / most["train_bytes"]
    layers = [read["infer_bytes"] / read["layer_bytes"] for read in deep]
    kept = [read["kept"] / read["keeps"] for read in reads]
    return [
        f"At {size_of(most)} training holds {storage(most['train_bytes'])} at once and inference "
        f"{storage(most['infer_bytes'])}, {fold(most['train_bytes'] / most['infer_bytes'])}; the gradient and the new "
        f"theta are {own:.0%} of it.{told}",
        f"From depth {deep[0]['depth']} to {most['depth']} inference holds {min(layers):.2g} to {max(layers):.2g} "
        f"layers' worth of numbers. What the pass forward keeps for the one back is {median(kept):.2f} times what is "
        f"counted, depth x batch x width before and after the activation (from {min(kept):.2f} to {max(kept):.2f} "
        f"times), and {storage(max(read['kept'] for read in reads))} at most.",
    ]


def summary(reads: Sequence[Read]) -> Table:
    """Every size."""
    columns = (
        "depth", "width", "batch", "parameters", "inference", "training step", "ratio", "by multiplications",
        "memory of inference", "of training", "their ratio", "kept for the pass back",
    )  # fmt: skip
    rows = [
        (
            *(read[way] for way in (*WAYS, "parameters")), duration(read["infer"]), duration(read["train"]),
            read["train"] / read["infer"], read["work"], storage(read["infer_bytes"]), storage(read["train_bytes"]),
            read["train_bytes"] / read["infer_bytes"], storage(read["kept"]),
        )
        for read in reads
    ]  # fmt: skip
    return Table("A training step against inference", EACH, columns, rows)


def figures(by_way: dict[str, list[Read]]) -> list[Figure]:
    """Time and memory in each way, and the parts of a step by batch."""
    found: list[Figure] = []
    for way, own in by_way.items():
        x = [float(read[way]) for read in own]
        fixed = ", ".join(f"{other} {own[0][other]}" for other in WAYS if other != way)
        ideal = Line("inference x its work", x, [read["infer"] * read["work"] for read in own], guide=True)
        seconds = [Line("training step", x, [read["train"] for read in own]),
                   Line("inference", x, [read["infer"] for read in own]), ideal]  # fmt: skip
        keeps = Line("counted as kept", x, [read["keeps"] / 2**20 for read in own], guide=True)
        peaks = [Line("training step", x, [read["train_bytes"] / 2**20 for read in own]),
                 Line("inference", x, [read["infer_bytes"] / 2**20 for read in own]), keeps]  # fmt: skip
        for what, unit, lines, caption in (
            ("Time", "processor seconds", seconds, TIMES),
            ("Memory", "most allocated at once, in MB", peaks, BYTES),
        ):
            axes = (f"{way}: {WAYS[way]}", unit)
            found.append(Lines(f"{what} {way}", f"{what} by {way} ({fixed})", caption, axes, ("log", "log"), lines))
    if own := by_way.get("batch", []):
        parts = {"forward": [read["forward"] for read in own],
                 "back": [max(read["gradient"] - read["forward"], 0.0) for read in own],
                 "update": [read["update"] for read in own]}  # fmt: skip
        whole = [sum(each) for each in zip(*parts.values(), strict=True)]
        groups = [(name, [part / all_ for part, all_ in zip(each, whole, strict=True)]) for name, each in parts.items()]
        names = [str(read["batch"]) for read in own]
        axes = ("batch: rows", "share of a training step")
        found.append(Bars("parts", "Where a training step's time goes", PARTS, axes, "linear", names, groups))
    return found
