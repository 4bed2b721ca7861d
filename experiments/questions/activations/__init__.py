"""Which activation, and what can go wrong?

Each activation is sampled at inputs from -1000 to 1000. The samples show its properties: its range, its smoothness,
whether it and its derivative are monotone, whether it is close to the identity near 0, and what an output costs.

Then two things that go wrong. Gradients vanish or explode: in a stack of hidden layers of one width, with normal
weights of variance gain^2 / fan_in, the gradient at the first layer is compared with that at the last. Each layer
multiplies the gradient by the gain times the root mean square of the derivatives: by gain / sqrt 2 with relu, by at
most gain / 4 with the sigmoid. And units die: a step that is too long can leave the input of a relu below zero on every
row, where its derivative is 0 and nothing brings it back. Other activations saturate: their derivative is small, but
not 0. A unit counts as dead if its derivative is at most 0.001 on every row. Softmax is for outputs, so it takes no
part in these two measurements.

Sources: Hochreiter (1991); Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; Lu et al. (2020),
arXiv:1903.06733.

Settings: width and depth of the stack; gains, of its weights; seeds, the number of stacks and of starts; rates, the
learning rates of gradient descent; epochs, its iterations.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from experiments.figures.records import Figure, ResultTable
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Measurement, MeasurementResult, measurement_of
from experiments.questions.activations.measured import dying, flow, properties
from experiments.questions.activations.pictures import costs, curves, dead_by_rate, factor_map, gradients_by_depth
from experiments.questions.activations.verdicts import (
    agreement_with_table,
    agreement_with_theory,
    cheapest,
    dead_after_training,
    factors_per_layer,
    gradients_through_stack,
    theoretical_factor,
)
from problems.parts.activations import ACTIVATIONS

HIDDEN = tuple(name for name in ACTIVATIONS if name != "softmax")
TRAINED = ("relu", "leaky-relu", "elu", "gelu", "tanh", "sigmoid")
SETTINGS: dict[str, Any] = {
    "width": 64, "depth": 30, "gains": [0.5, 1.0, 1.4142, 2.0], "seeds": 5,
    "rates": [0.01, 0.03, 0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 100.0], "epochs": 300,
}  # fmt: skip
QUICK: dict[str, Any] = {"seeds": 3, "rates": [0.01, 0.1, 1.0, 2.0, 4.0, 8.0, 16.0, 100.0], "epochs": 100}
PROPERTIES = "Measured on samples from -1000 to 1000. Continuous derivatives are counted up to the second."
FACTORS = (
    "The factor by which a layer multiplies the gradient, fitted over all depths. Theory is empty where only a bound "
    "is known."
)


def depths(options: Options) -> list[int]:
    """The numbers of hidden layers, from 2 to the setting `depth`."""
    most, count = options.settings["depth"], 5 if options.quick else 10
    return sorted({max(2, round(most * k / count)) for k in range(1, count + 1)})


def measurements(options: Options) -> Sequence[Measurement]:
    """The properties of all activations, stacks of every depth and gain, and training at every learning rate."""
    seeds, rates, epochs = (options.smaller(name, SETTINGS[name], QUICK[name]) for name in ("seeds", "rates", "epochs"))
    of_seeds = range(options.seed, options.seed + seeds)
    stacks = [
        measurement_of(flow, activation=name, gain=float(gain), depth=depth, width=options.settings["width"], seed=seed)
        for name in HIDDEN
        for gain in options.settings["gains"]
        for depth in depths(options)
        for seed in of_seeds
    ]
    trained = [
        measurement_of(dying, activation=name, rate=float(rate), epochs=epochs, seed=seed)
        for name in TRAINED
        for rate in rates
        for seed in of_seeds
    ]
    return [*(measurement_of(properties, name=name) for name in ACTIVATIONS), *stacks, *trained]


EXPERIMENT = Experiment("activations", "activations", __doc__ or "", measurements=measurements, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """The measured properties, how the gradient passes through each activation, and at which rates units die."""
    known, flows, trained = (result.measured(function.__name__) for function in (properties, flow, dying))
    factors = factors_per_layer(flows)
    verdicts = [
        agreement_with_table(known),
        cheapest(known),
        *gradients_through_stack(factors, max((flow["depth"] for flow in flows), default=0)),
        agreement_with_theory(factors),
        *dead_after_training(trained),
    ]
    figures: list[Figure | None] = [
        *curves(known), *gradients_by_depth(flows), factor_map(factors), dead_by_rate(trained), costs(known),
    ]  # fmt: skip
    return Answer(
        [verdict for verdict in verdicts if verdict],
        [figure for figure in figures if figure],
        [_property_table(known), _factor_table(factors)],
    )


def _property_table(known: Sequence[MeasurementResult]) -> ResultTable:
    columns = (
        "activation", "range", "continuous derivatives", "monotone", "derivative monotone", "identity near 0",
        "ns forward", "ns forward + backward", "ns native",
    )  # fmt: skip
    keys = ("monotone", "monotone_derivative", "identity", "value_ns", "both_ns", "native_ns")
    rows = [
        (a["name"], _range(a), "2 or more" if a["order"] > 1 else str(a["order"]), *(a[key] for key in keys))
        for a in known
    ]
    return ResultTable("The activations, measured", PROPERTIES, columns, rows)


def _range(known: MeasurementResult) -> str:
    least, greatest = known["least"], known["greatest"]
    return f"{-math.inf if least is None else least:.3g} to {math.inf if greatest is None else greatest:.3g}"


def _factor_table(factors: dict[tuple[str, float], float]) -> ResultTable:
    rows = [(name, gain, factor, theoretical_factor(name, gain)) for (name, gain), factor in factors.items()]
    return ResultTable(
        "The gradient, layer by layer", FACTORS, ("activation", "gain", "factor per layer", "theory"), rows
    )
