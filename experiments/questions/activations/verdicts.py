"""What the measurements of activations show, in sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from experiments.lab.analysis.formats import ratio_text
from experiments.lab.measurement.measurement import MeasurementResult

PRESERVED = 10.0  # a gradient within this factor of its size has neither vanished nor exploded
CHANCE = 0.02  # a share of units that may die by chance
THEORY = {  # the factor per layer at gain 1, where theory knows it for every input
    "linear": 1.0, "relu": math.sqrt(0.5), "leaky-relu": math.sqrt((1 + 0.01**2) / 2),
    "prelu": math.sqrt((1 + 0.25**2) / 2), "maxout": 1.0,
}  # fmt: skip
PROPERTY_NAMES = {
    "least": "lower bound", "greatest": "upper bound", "order": "continuous derivatives", "monotone": "monotone",
    "monotone_derivative": "derivative monotone", "identity": "identity near 0",
}  # fmt: skip


def agreement_with_table(known: Sequence[MeasurementResult]) -> str | None:
    """Whether the measured properties are those that the table of activations states."""
    if not known:
        return None
    differing = [
        f"{result['name']} ({', '.join(PROPERTY_NAMES[key] for key in result['differs'])})"
        for result in known
        if result["differs"]
    ]
    if differing:
        return f"Measured properties differ from those in the table of activations: {', '.join(differing)}."
    return (
        f"The measured range, smoothness, monotonicity and behaviour near 0 of all {len(known)} activations are those "
        "in the table of activations."
    )


def cheapest(known: Sequence[MeasurementResult]) -> str | None:
    """The cheapest and the most expensive activation; None where there are fewer than two."""
    if len(known) < 2:
        return None
    by_cost = sorted(known, key=lambda result: result["both_ns"])
    least, most = by_cost[0], by_cost[-1]
    return (
        f"Forward and backward, {least['name']} costs the least, {least['both_ns']:.2g} ns per output. "
        f"{most['name']} costs the most, {most['both_ns']:.2g} ns: {ratio_text(most['both_ns'] / least['both_ns'])} "
        "as much."
    )


def factors_per_layer(flows: Sequence[MeasurementResult]) -> dict[tuple[str, float], float]:
    """The factor by which a layer multiplies the gradient, by activation and gain.

    exp(p) of the line p (depth - 1) through the logarithms of the ratios, by least squares.
    """
    points: dict[tuple[str, float], list[tuple[float, float]]] = {}
    for result in flows:
        if result["ratio"]:
            of_pair = points.setdefault((result["activation"], result["gain"]), [])
            of_pair.append((result["depth"] - 1.0, math.log(result["ratio"])))
    return {
        pair: math.exp(sum(x * y for x, y in of_pair) / sum(x * x for x, _ in of_pair))
        for pair, of_pair in points.items()
        if any(x for x, _ in of_pair)
    }


def theoretical_factor(activation: str, gain: float) -> float | None:
    """The factor per layer in theory; None where only a bound is known."""
    return THEORY[activation] * gain if activation in THEORY else None


def gradients_through_stack(factors: dict[tuple[str, float], float], depth: int) -> list[str]:
    """For each gain, with which activations the gradient vanishes, explodes, or keeps its size through the stack."""
    sentences = []
    for gain in sorted({gain for _, gain in factors}):
        changes = {name: factor ** (depth - 1) for (name, other), factor in factors.items() if other == gain}
        preserved = [name for name, change in changes.items() if 1 / PRESERVED <= change <= PRESERVED]
        least, most = min(changes, key=lambda name: changes[name]), max(changes, key=lambda name: changes[name])
        parts = []
        if changes[least] < 1 / PRESERVED:
            parts.append(
                f"shrinks most with {least}, to {changes[least]:.1g} of its size ({factors[least, gain]:.2g} per layer)"
            )
        if changes[most] > PRESERVED:
            parts.append(f"grows most with {most}, {changes[most]:.1g} times ({factors[most, gain]:.2g} per layer)")
        parts.append(f"stays within a factor of {PRESERVED:g} with {', '.join(preserved) or 'no activation'}")
        sentences.append(f"At gain {gain:g}, through {depth} layers, the gradient {'. It '.join(parts)}.")
    return sentences


def agreement_with_theory(factors: dict[tuple[str, float], float]) -> str | None:
    """How far the measured factors are from those that theory knows."""
    errors = [abs(factor / theory - 1) for pair, factor in factors.items() if (theory := theoretical_factor(*pair))]
    if not errors:
        return None
    return f"Where theory knows the factor per layer, the measured factor is within {max(errors):.0%} of it."


def dead_after_training(trained: Sequence[MeasurementResult]) -> list[str]:
    """With which activations, and from which learning rate on, units die that were alive at the start."""
    dying, never, at_start, overflows = [], [], [], []
    for name in dict.fromkeys(result["activation"] for result in trained):
        runs = [result for result in trained if result["activation"] == name]
        shares, before = dead_shares(runs)
        risen = sorted(rate for rate, share in shares.items() if share > before + CHANCE)
        if before:
            at_start.append(f"{before:.0%} with {name}")
        if risen:
            worst = max(shares, key=lambda rate: shares[rate])
            most = f", at most {shares[worst]:.0%} at {worst:g}" if worst != risen[0] else ""
            dying.append(f"{name} from a learning rate of {risen[0]:g} on ({shares[risen[0]]:.0%}{most})")
        elif shares:
            never.append(name)
        if lost := [result["rate"] for result in runs if result["dead"] is None]:
            overflows.append(f"{name} from a learning rate of {min(lost):g} on")
    after = f"After {trained[0]['epochs']} iterations of gradient descent" if trained else ""
    sentences = []
    if dying:
        sentences.append(f"{after}, hidden units have died with {'; '.join(dying)}.")
    if never:
        no_units = "None" if dying else f"{after}, no hidden units"
        sentences.append(f"{no_units} have died with {', '.join(never)}.")
    if at_start:
        sentences.append(f"Units that are dead at the start are counted too: {', '.join(at_start)}.")
    if overflows:
        sentences.append(f"Training ends in values that are not finite with {'; '.join(overflows)}.")
    return [" ".join(sentences)] if sentences else []


def dead_shares(runs: Sequence[MeasurementResult]) -> tuple[dict[float, float], float]:
    """The mean share of dead units after training, by learning rate, and before it."""
    finite = [result for result in runs if result["dead"] is not None]
    rates = {result["rate"] for result in finite}
    shares = {rate: float(np.mean([result["dead"] for result in finite if result["rate"] == rate])) for rate in rates}
    return shares, float(np.mean([result["before"] for result in runs])) if runs else 0.0
