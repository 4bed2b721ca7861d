"""Why does training cost more?

One network, used in two ways. Inference is a forward pass that discards each layer as soon as the next one is computed.
A training step is a forward pass that keeps every layer, because the backward pass reads it; then the backward pass,
with two matrix products where the forward pass has one: one for the gradient of the weights and one for the layer
below; then the update, theta - step gradient. So theory expects about three times the time. Beside theta itself,
inference needs the memory of a few layers, whatever the depth, and training needs memory proportional to
depth x batch x width. Measured by depth, width and batch, one at a time: processor seconds, medians of timings that
alternate between the two uses, and the most memory that is allocated at once.

Settings: depths, widths and batches to try (hidden layers, units in each, rows); depth, width and batch, the values of
the other two; activation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np

from experiments.lab.analysis.formats import duration, ratio_text, storage
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.statistics import fitted_power
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.cost import cpu_seconds, peak_bytes
from experiments.lab.measurement.measurement import Measurement, MeasurementResult, measurement_of
from experiments.lab.spec.grammar import SpecError
from experiments.questions.train_or_infer.pictures import DIMENSIONS, backward_seconds, figures, parts_of, summary
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least
from problems.foundation.names import suggestion
from problems.networks.network import Network, dense_network
from problems.networks.propagation import forward
from problems.parts.activations import ACTIVATIONS
from problems.parts.losses import squared

SIZES = {"depth": "depths", "width": "widths", "batch": "batches"}  # the setting that lists the sizes to try
SETTINGS: dict[str, Any] = {
    "depths": [1, 2, 4, 8, 16, 32], "widths": [16, 32, 64, 128, 256, 512], "batches": [1, 4, 16, 64, 256, 1024, 4096],
    "depth": 4, "width": 64, "batch": 256, "activation": "tanh",
}  # fmt: skip
FLOAT64 = 8  # bytes
STEP = 1e-3
FITTED = 4  # the number of largest sizes that a power is fitted to: at small sizes the constant part dominates
PEAKS = ("training_bytes", "inference_bytes")


def measurements(options: Options) -> Sequence[Measurement]:
    """One size at a time, the other two at their settings. Raises SpecError."""
    chosen = {**SETTINGS, **options.settings}
    if chosen["activation"] not in ACTIVATIONS:
        raise SpecError(
            f"there is no activation {chosen['activation']!r}; {suggestion(chosen['activation'], ACTIVATIONS)}"
        )
    fixed = {name: chosen[name] for name in DIMENSIONS}
    planned: dict[tuple[int, ...], None] = {}
    for name, setting in SIZES.items():
        sizes = options.smaller(setting, SETTINGS[setting], SETTINGS[setting][:-1])
        if not sizes:
            raise SpecError(f"{setting} is empty; it must have at least one number")
        try:
            at_least(1, **{setting: min(sizes), name: fixed[name]})
        except ValueError as error:
            raise SpecError(str(error)) from None
        planned |= {tuple((fixed | {name: size}).values()): None for size in sorted(set(sizes))}
    return [
        measurement_of(costs, depth=depth, width=width, batch=batch, activation=chosen["activation"], seed=options.seed)
        for depth, width, batch in planned
    ]


def costs(depth: int, width: int, batch: int, activation: str, seed: int) -> dict[str, Any]:
    """Processor seconds and bytes of inference and of a training step, and what theory counts.

    work: the multiplications of a training step over those of inference. kept, counted: bytes that the forward pass
    keeps for the backward pass, measured, and counted as the input and the output of the activation of each hidden
    layer. layer_bytes: the outputs of one hidden layer.
    """
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((batch, width)), rng.standard_normal(batch)
    net = dense_network(X, y, squared, (width, *[width] * depth, 1), activation, 0.0, "xavier")
    theta = net.start(rng)
    g = net.value_and_gradient(theta)[1]

    def train() -> Vector:
        new: Vector = theta - STEP * net.value_and_gradient(theta)[1]
        return new

    calls = {
        "inference": lambda: infer(net, theta, X),
        "forward": lambda: forward(net.layers, theta, X),
        "gradient": lambda: net.value_and_gradient(theta),
        "update": lambda: theta - STEP * g,
        "training": train,
    }
    products = [layer.fan_in * layer.columns for layer in net.layers]
    return {
        **dict(zip(calls, cpu_seconds(*calls.values()), strict=True)),
        "work": 3 - products[0] / sum(products),  # no gradient with respect to X is needed
        "inference_bytes": peak_bytes(calls["inference"]).bytes,
        "training_bytes": peak_bytes(train).bytes,
        "kept": peak_bytes(calls["forward"]).held,
        "counted": FLOAT64 * batch * sum(layer.columns + layer.fan_out for layer in net.layers[:-1]),
        "layer_bytes": FLOAT64 * batch * width,
        "parameters": net.dim,
    }


def infer(net: Network, theta: Vector, X: Matrix) -> Matrix:
    """The outputs for X, shape (n, outputs) for n rows. Each layer is discarded when the next one is computed."""
    A = X
    for layer in net.layers:
        Z = A @ layer.weights(theta)
        Z += layer.biases(theta)
        A = layer.activation.at(Z, layer.parameters(theta)).A
    return A


EXPERIMENT = Experiment("train-or-infer", "train-or-infer", __doc__ or "", measurements=measurements, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """How much more time and memory a training step takes than inference, and how each grows."""
    runs = sorted(result.measured("costs"), key=lambda run: tuple(run[name] for name in DIMENSIONS))
    by_dimension = dict(sweeps(runs, {**SETTINGS, **result.settings}))
    verdicts = [*times(runs), *memory(runs, by_dimension)]
    failed = [run for run in result.measurements if not run.good]
    if failed:
        verdicts.append(
            f"{len(failed)} of {len(result.measurements)} measurements failed. The reason of the first: "
            f"{failed[0].reason}."
        )
    return Answer(verdicts, figures(by_dimension), [summary(runs)])


def sweeps(runs: Sequence[MeasurementResult], chosen: dict[str, Any]) -> Iterator[tuple[str, list[MeasurementResult]]]:
    """For each dimension its sizes, ascending, with the other two at their settings."""
    for name in DIMENSIONS:
        others = [other for other in DIMENSIONS if other != name]
        group = [run for run in runs if all(run[other] == chosen[other] for other in others)]
        if group:
            yield name, sorted(group, key=lambda run: run[name])


def size_of(run: MeasurementResult) -> str:
    return ", ".join(f"{name} {run[name]}" for name in DIMENSIONS)


def times(runs: Sequence[MeasurementResult]) -> list[str]:
    """The time of a training step over that of inference, against the work counted."""
    if not runs:
        return []
    ratios = [run["training"] / run["inference"] for run in runs]
    low, high = (ratios.index(end) for end in (min(ratios), max(ratios)))
    backward = median(backward_seconds(run) / run["forward"] for run in runs)
    work = median(run["work"] for run in runs)
    longest = max(runs, key=lambda run: run["training"])
    shares = parts_of(longest)
    return [
        f"A training step takes {ratio_text(median(ratios))} the processor time of inference: the median of "
        f"{len(runs)} sizes, from {ratio_text(ratios[low])} ({size_of(runs[low])}) to {ratio_text(ratios[high])} "
        f"({size_of(runs[high])}). It has {ratio_text(work)} the multiplications. The backward pass takes "
        f"{ratio_text(backward)} the time of the forward pass, with {ratio_text(work - 1)} the multiplications.",
        f"At the size with the longest step, {size_of(longest)}, a step takes {duration(longest['training'])}. Of the "
        f"time of its parts the forward pass takes {shares['forward pass']:.0%}, the backward pass "
        f"{shares['backward pass']:.0%} and the update {shares['update']:.0%}.",
    ]


def memory(runs: Sequence[MeasurementResult], by_dimension: dict[str, list[MeasurementResult]]) -> list[str]:
    """How memory grows, and what is kept for the backward pass."""
    if not runs:
        return []
    deep = by_dimension.get("depth", runs)
    deepest = deep[-1]
    training, inference = (deepest[peak] for peak in PEAKS)
    vectors = 2 * FLOAT64 * deepest["parameters"] / training
    layers = [run["inference_bytes"] / run["layer_bytes"] for run in deep]
    kept = [run["kept"] / run["counted"] for run in runs]
    return [
        f"At {size_of(deepest)} training needs {storage(training)} at once and inference {storage(inference)}: "
        f"{ratio_text(training / inference)} the memory. The gradient and the new theta are {vectors:.0%} of the "
        "memory of training.",
        *growth(by_dimension),
        f"From depth {deep[0]['depth']} to {deepest['depth']} inference needs the memory of {min(layers):.2g} to "
        f"{max(layers):.2g} layers. The backward pass needs the input and the output of the activation of each hidden "
        f"layer. The forward pass keeps {median(kept):.2f} times as much as these (from {min(kept):.2f} to "
        f"{max(kept):.2f} times), at most {storage(max(run['kept'] for run in runs))}.",
    ]


def growth(by_dimension: dict[str, list[MeasurementResult]]) -> list[str]:
    """The powers of depth, width and batch that the memory grows with, fitted to the largest sizes."""
    parts = []
    for name, group in by_dimension.items():
        last = group[-FITTED:]
        powers = [fitted_power([run[name] for run in last], [run[peak] for run in last]) for peak in PEAKS]
        if None not in powers:
            parts.append(f"{name}^{powers[0]:.2f} and {name}^{powers[1]:.2f}")
    if not parts:
        return []
    return [f"Over the largest sizes the memory of training and that of inference grow like {', '.join(parts)}."]
