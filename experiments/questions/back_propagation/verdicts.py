"""What forming the Jacobian costs, in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.lab.analysis.formats import duration, ratio_text, storage
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.questions.back_propagation.jacobians import ENTRY, LAYERS, MEASURES, POWERS, CostModel, cost_model


def jacobian_size(width: int, batch: int) -> str:
    """The size of the Jacobian of a layer, computed from its width."""
    text = f"The Jacobian of a layer from {width} to {width} float32 numbers has {_entries(width)}."
    return f"{text} For a batch of {batch} it has {_entries(batch * width)}." if batch > 1 else text


def _entries(numbers: int) -> str:
    """The number of entries of a square matrix, and its size in float32."""
    entries = numbers**2
    unit, word = next(pair for pair in ((1e9, " billion"), (1e6, " million"), (1, "")) if entries >= pair[0])
    return f"{float(f'{entries / unit:.3g}'):.15g}{word} entries, {storage(ENTRY * entries)}"


def power_text(model: CostModel, theory: int) -> str | None:
    """The fitted power, with theory's in brackets; None where there are too few sizes."""
    return None if model.power is None else f"{model.power:.2f} ({theory})"


def both_ways(measured: Sequence[MeasurementResult], kind: str) -> str | None:
    """For one row, both costs at the largest Jacobian that was formed, and the powers of the width."""
    models = [cost_model(measured, kind, 1, measure) for measure in MEASURES]
    with_J, without_J = models[::2], models[1::2]
    if not with_J[0].widths:
        return None
    n = with_J[0].widths[-1]
    bytes_with, seconds_with = (model.at(n) or 0.0 for model in with_J)
    bytes_without, seconds_without = (model.at(n) or 0.0 for model in without_J)
    differences = [m["difference"] or 0.0 for m in measured if m["kind"] == kind]
    text = (
        f"At width {n:.0f}, the backward pass through {LAYERS[kind]} takes {storage(bytes_with)} with the Jacobian and "
        f"{storage(bytes_without)} without it, a ratio of {ratio_text(bytes_with / max(bytes_without, 1.0))}. It takes "
        f"{duration(seconds_with)} and {duration(seconds_without)}, a ratio of "
        f"{ratio_text(seconds_with / max(seconds_without, 1e-9))}. The two gradients "
        + (f"differ by at most {max(differences):.1g}." if any(differences) else "are equal.")
    )
    powers = [power_text(model, theory) for model, theory in zip(models, POWERS[kind], strict=True)]
    if None not in powers:
        text += (
            f" With the width n, memory grows like n^{powers[0]} with the Jacobian and n^{powers[1]} without it, and "
            f"time like n^{powers[2]} and n^{powers[3]}; theory's powers are in brackets."
        )
    shares = with_J[1].call_share(n), without_J[1].call_share(n)
    if None not in shares:
        text += f" Calls take {shares[0]:.0%} and {shares[1]:.0%} of the time; the rest is arithmetic."
    return text


def largest_layer(measured: Sequence[MeasurementResult], width: int, batch: int) -> str | None:
    """Both costs of a batch through an activation of that width, measured or predicted; None where neither exists."""
    models = [cost_model(measured, "activation", batch, measure) for measure in MEASURES]
    values = [value for model in models if (value := model.at(width)) is not None]
    if len(values) < len(models):
        return None
    bytes_with, bytes_without, seconds_with, seconds_without = values
    exact = ENTRY * (batch * width) ** 2
    predicted = width not in models[0].widths
    origin = f" (predicted from widths up to {models[0].widths[-1]:.0f})" if predicted else ""
    return (
        f"A batch of {batch} through an activation of width {width} {'would take' if predicted else 'takes'} "
        f"{storage(bytes_with)} and {duration(seconds_with)} with the Jacobian{origin}. This memory is "
        f"{bytes_with / exact:.2f} times the computed size of J, {storage(exact)}. One backward pass takes "
        f"{storage(bytes_without)} and {duration(seconds_without)}."
    )
