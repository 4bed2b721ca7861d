"""Figures and table of `train-or-infer`: time and memory by size, and the parts of a training step."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.figures.records import Bars, Figure, Line, Lines, ResultTable
from experiments.lab.analysis.formats import duration, storage
from experiments.lab.measurement.measurement import MeasurementResult

DIMENSIONS = {"depth": "hidden layers", "width": "units of each hidden layer", "batch": "rows"}
TIMES = (
    "How to read this: lower is better. Lines are medians of processor time. The dotted line is the time of a training "
    "step if time were proportional to the number of multiplications."
)
BYTES = (
    "How to read this: lower is better. Lines are the most memory that is allocated at once, beside theta and the "
    "rows. The dotted line is what the layers keep: the input and the output of each activation."
)
PARTS = (
    "How to read this: a group is one batch size, a bar one part of its training step. The update reads every weight "
    "once; the passes read every weight for each row, so that the share of the update is smaller with more rows."
)
EVERY_SIZE = "Times are processor time. Memory is the most allocated at once, beside theta and the rows."


def backward_seconds(run: MeasurementResult) -> float:
    """The gradient takes a forward and a backward pass; this is the difference to a forward pass alone."""
    return float(run["gradient"] - run["forward"])


def parts_of(run: MeasurementResult) -> dict[str, float]:
    """The shares of the parts of a training step in the sum of their times, each measured on its own."""
    seconds = {
        "forward pass": run["forward"],
        "backward pass": max(backward_seconds(run), 0.0),
        "update": run["update"],
    }
    return {name: part / sum(seconds.values()) for name, part in seconds.items()}


def summary(runs: Sequence[MeasurementResult]) -> ResultTable:
    """Every size in a row."""
    columns = (
        "depth", "width", "batch", "parameters", "inference", "training step", "ratio", "ratio of multiplications",
        "memory of inference", "memory of training", "ratio of memory", "kept for the backward pass",
    )  # fmt: skip
    rows = [
        (
            *(run[name] for name in (*DIMENSIONS, "parameters")), duration(run["inference"]), duration(run["training"]),
            run["training"] / run["inference"], run["work"], storage(run["inference_bytes"]),
            storage(run["training_bytes"]), run["training_bytes"] / run["inference_bytes"], storage(run["kept"]),
        )
        for run in runs
    ]  # fmt: skip
    return ResultTable("A training step and inference", EVERY_SIZE, columns, rows)


def figures(by_dimension: dict[str, list[MeasurementResult]]) -> list[Figure]:
    """Time and memory by each dimension, and the parts of a step by batch."""
    drawn: list[Figure] = []
    for name, group in by_dimension.items():
        x = [float(run[name]) for run in group]
        fixed = ", ".join(f"{other} {group[0][other]}" for other in DIMENSIONS if other != name)
        ideal = [run["inference"] * run["work"] for run in group]
        seconds = [Line("training step", x, [run["training"] for run in group]),
                   Line("inference", x, [run["inference"] for run in group]),
                   Line("inference x ratio of multiplications", x, ideal, guide=True)]  # fmt: skip
        peaks = [Line("training step", x, [run["training_bytes"] / 2**20 for run in group]),
                 Line("inference", x, [run["inference_bytes"] / 2**20 for run in group]),
                 Line("counted as kept", x, [run["counted"] / 2**20 for run in group], guide=True)]  # fmt: skip
        for quantity, unit, lines, caption in (
            ("Time", "processor seconds", seconds, TIMES),
            ("Memory", "most allocated at once, in MB", peaks, BYTES),
        ):
            title, axes = f"{quantity} by {name} ({fixed})", (f"{name}: {DIMENSIONS[name]}", unit)
            drawn.append(Lines(f"{quantity} {name}", title, caption, axes, ("log", "log"), lines))
    if "batch" in by_dimension:
        drawn.append(parts_by_batch(by_dimension["batch"]))
    return drawn


def parts_by_batch(runs: Sequence[MeasurementResult]) -> Bars:
    """The shares of the passes and of the update in a training step, by the number of rows."""
    shares = [parts_of(run) for run in runs]
    groups = [(name, [share[name] for share in shares]) for name in shares[0]]
    axes = ("batch: rows", "share of a training step")
    batches = [str(run["batch"]) for run in runs]
    return Bars("parts", "The parts of a training step", PARTS, axes, "linear", batches, groups)
