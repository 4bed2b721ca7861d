"""How big a network?

Networks of every depth and width of a grid are trained on few noisy rows and evaluated on many held-out rows. Each
size is trained from several seeds, which draw its weights; the rows are the same for all. Too small a network cannot
represent the function behind the rows. A larger one fits the training rows ever better, their noise too, and from some
size on its error on held-out rows grows: it overfits. The loss has several minima, so that runs from some seeds end in
a worse one, more often with small networks. Measured by size: parameters, memory, seconds, errors and losses on
training and held-out rows, and how much the final training losses differ.

Settings: data, where rows come from: a source that draws them (moons, circles, spirals, waves, synthetic), with that
noise, n training rows and held_out more; or a bundled data set or a user's file, of which two thirds are training rows,
and target, the column of the file to predict; depths and widths, numbers of hidden layers and of units in each;
activation; l2, weight decay; solver and iterations; seeds, how many.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any, NamedTuple

from experiments.comparison.comparison import checked_solvers
from experiments.figures.records import Figure, ResultTable
from experiments.lab.analysis.formats import duration, ratio_text, storage
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.statistics import fitted_power
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Measurement, MeasurementResult, measurement_of
from experiments.lab.spec.grammar import SpecError
from experiments.questions.held_out import source_of
from experiments.questions.network_size.pictures import drawn
from experiments.questions.network_size.sized import trained
from problems.foundation.checks import at_least, not_negative
from problems.foundation.names import suggestion
from problems.parts.activations import ACTIVATIONS

WIDTHS = [1, 2, 4, 8, 16, 32, 64]
SETTINGS = {
    "data": "moons", "target": None, "noise": 0.3, "n": 100, "held_out": 2000, "depths": [1, 2, 4], "widths": WIDTHS,
    "activation": "tanh", "l2": 0.0, "solver": "lbfgs", "iterations": 400, "seeds": 9,
}  # fmt: skip
QUICK: dict[str, Any] = {"widths": WIDTHS[:-1], "seeds": 5, "iterations": 200}
OVERFITS = 1.1  # times the held-out error of the best size
WORSE = 0.05  # of the loss of the best constant answer, above the lowest training loss of the size
AT_REST = 0.01  # of the norm of the first gradient: below it more iterations would change little
EVERY_SIZE = (
    "Medians over seeds. Memory is the most that a forward and a backward pass allocate at once. The gap is the "
    "held-out error minus the training error. The last column is the share of seeds whose training loss is well above "
    "that of the best seed of their size."
)


def measurements(options: Options) -> Sequence[Measurement]:
    """Every size from every seed. Raises SpecError."""
    chosen = {**SETTINGS, **options.settings}
    chosen |= {name: options.smaller(name, SETTINGS[name], quick) for name, quick in QUICK.items()}
    depths, widths, seeds = (chosen.pop(key) for key in ("depths", "widths", "seeds"))
    if not depths or not widths:
        raise SpecError("depths and widths must each have at least one number")
    if chosen["activation"] not in ACTIVATIONS:
        raise SpecError(
            f"there is no activation {chosen['activation']!r}; {suggestion(chosen['activation'], ACTIVATIONS)}"
        )
    (chosen["solver"],) = checked_solvers([chosen["solver"]])
    source_of("network", chosen["data"], chosen["target"])
    try:
        not_negative(noise=chosen["noise"], l2=chosen["l2"])
        at_least(1, depths=min(depths), widths=min(widths), seeds=seeds)
        at_least(1, **{key: chosen[key] for key in ("n", "held_out", "iterations")})
    except ValueError as error:
        raise SpecError(str(error)) from None
    return [
        measurement_of(
            trained, depth=depth, width=width, seed=seed, rows_seed=options.seed, draw=seed == options.seed, **chosen
        )
        for depth in sorted(set(depths))
        for width in sorted(set(widths))
        for seed in range(options.seed, options.seed + seeds)
    ]


EXPERIMENT = Experiment("network-size", "network-size", __doc__ or "", measurements=measurements, settings=SETTINGS)


class Size(NamedTuple):
    """One depth and width, with its runs from every seed."""

    depth: int
    width: int
    runs: Sequence[MeasurementResult]

    def middle(self, name: str) -> float:
        """The median over seeds."""
        return float(median(run[name] for run in self.runs))

    @property
    def parameters(self) -> int:
        return int(self.runs[0]["parameters"])

    @property
    def classes(self) -> bool:
        """Whether the networks predict classes, and not numbers."""
        return bool(self.runs[0]["classes"])

    @property
    def seconds_per_iteration(self) -> float:
        """Of processor time."""
        return self.middle("seconds") / max(self.middle("iterations"), 1)

    @property
    def name(self) -> str:
        return f"depth {self.depth}, width {self.width}"

    @property
    def worse_runs(self) -> list[MeasurementResult]:
        """The runs whose training loss is well above the lowest of this size."""
        best = min(run["training_loss"] for run in self.runs)
        return [run for run in self.runs if run["training_loss"] > best + WORSE * run["constant_loss"]]

    @property
    def worse_share(self) -> float:
        return len(self.worse_runs) / len(self.runs)


def sizes_of(runs: Sequence[MeasurementResult]) -> list[Size]:
    """The sizes by parameters, ascending."""
    groups: dict[tuple[int, int], list[MeasurementResult]] = {}
    for run in runs:
        groups.setdefault((run["depth"], run["width"]), []).append(run)
    return sorted(
        (Size(*size, group) for size, group in groups.items()), key=lambda size: (size.parameters, size.depth)
    )


def answer(result: Result) -> Answer:
    """The best size, where overfitting begins, how often a run ends in a worse minimum, and what size costs."""
    sizes = sizes_of(result.measured("trained"))
    verdicts = []
    figures: list[Figure] = []
    if sizes:
        best = best_of(sizes)
        verdicts = [*errors(sizes, best), minima(sizes), costs(sizes)]
        figures = drawn(sizes, best)
    failed = [run for run in result.measurements if not run.good]
    if failed:
        verdicts.append(
            f"{len(failed)} of {len(result.measurements)} runs failed. The reason of the first: {failed[0].reason}."
        )
    return Answer(verdicts, figures, [table(sizes)] if sizes else [])


def best_of(sizes: Sequence[Size]) -> Size:
    """The size with the lowest median error on held-out rows; of equals the one with the fewest parameters."""
    return min(sizes, key=lambda size: (size.middle("held_out_error"), size.parameters))


def shown(size: Size, name: str) -> str:
    """A median error: the share of wrong classes, or a mean square."""
    value = size.middle(name)
    return f"{value:.1%}" if size.classes else f"{value:.3g}"


def both_errors(size: Size) -> str:
    return f"{shown(size, 'held_out_error')} on held-out rows and {shown(size, 'training_error')} on training rows"


def errors(sizes: Sequence[Size], best: Size) -> list[str]:
    """The best size, sizes too small, and those that overfit."""
    smallest, largest = sizes[0], sizes[-1]
    sentences = [
        f"Of {len(sizes)} sizes from {smallest.parameters} to {largest.parameters} parameters, {best.name} "
        f"({best.parameters} parameters) has the lowest error on held-out rows. Its median error over {len(best.runs)} "
        f"seeds is {both_errors(best)}; the best constant answer has an error of {shown(best, 'constant_error')} on "
        "held-out rows."
    ]
    if smallest is not best:
        sentences[0] += f" The smallest size, {smallest.name}, has an error of {both_errors(smallest)}."
    larger = [size for size in sizes if size.parameters > best.parameters]
    over = [size for size in larger if overfits(size, best)]
    if over:
        sentences.append(
            f"Overfitting begins at {over[0].parameters} parameters ({over[0].name}). {len(over)} of the {len(larger)} "
            "sizes above the best overfit: their training error is no higher than that of the best size, and their "
            f"held-out error is more than a tenth higher. The largest size, {largest.name}, has an error of "
            f"{both_errors(largest)}."
        )
    elif larger:
        sentences.append(
            f"The errors show no overfitting up to {largest.parameters} parameters. None of the {len(larger)} sizes "
            "above the best has a held-out error more than a tenth higher and a training error no higher."
        )
    else:
        sentences.append("The largest size is the best of these, so that a larger one may be better still.")
    if best.classes:
        least = min(sizes, key=lambda size: size.middle("held_out_loss"))
        sentences.append(
            "The loss also counts how confident a wrong prediction is. By the loss on held-out rows the best size is "
            f"{least.name}, with {least.middle('held_out_loss'):.3g}. The best size by errors has "
            f"{best.middle('held_out_loss'):.3g}, the largest size {largest.middle('held_out_loss'):.3g}."
        )
    return sentences


def overfits(size: Size, best: Size) -> bool:
    """Whether its training error is no higher than that of the best size, and its held-out error clearly higher."""
    fits = size.middle("training_error") <= best.middle("training_error")
    return fits and size.middle("held_out_error") > OVERFITS * best.middle("held_out_error")


def minima(sizes: Sequence[Size]) -> str:
    """How often a run ends well above the best of its size, and where."""
    count = sum(len(size.runs) for size in sizes)
    worse = [run for size in sizes for run in size.worse_runs]
    text = (
        f"{len(worse)} of {count} runs ({len(worse) / count:.0%}) end worse than the best seed of their size: their "
        f"training loss is higher by more than {WORSE:.0%} of the loss of the best constant answer."
    )
    if not worse:
        return text
    rest = sum(run["gradient_ratio"] < AT_REST for run in worse)
    most = max(sizes, key=lambda size: size.worse_share)
    widest = max(size.width for size in sizes if size.worse_runs)
    beyond = any(size.width > widest for size in sizes)
    return (
        f"{text} {rest} of them had reached a minimum of their own, with a gradient below {AT_REST:.0%} of the first "
        f"one; {len(worse) - rest} were still moving. This is most frequent at {most.name}: {len(most.worse_runs)} of "
        f"{len(most.runs)} seeds{f'; no run ends worse at widths above {widest}' if beyond else ''}."
    )


def costs(sizes: Sequence[Size]) -> str:
    """Time and memory against parameters."""
    smallest, largest = sizes[0], sizes[-1]
    ratio = largest.parameters / smallest.parameters
    power = fitted_power([size.parameters for size in sizes], [size.seconds_per_iteration for size in sizes])
    grows = f" Over all sizes the time grows like parameters^{power:.2f}." if power is not None else ""
    return (
        f"The largest size has {ratio_text(ratio)} the parameters of the smallest: {storage(8 * largest.parameters)} "
        f"and {storage(8 * smallest.parameters)}. A forward and a backward pass need "
        f"{storage(largest.middle('memory'))} and {storage(smallest.middle('memory'))}. An iteration takes "
        f"{duration(largest.seconds_per_iteration)} and {duration(smallest.seconds_per_iteration)} of processor "
        f"time.{grows}"
    )


def table(sizes: Sequence[Size]) -> ResultTable:
    """Every size in a row."""
    columns = (
        "depth", "width", "parameters", "size of theta", "memory", "seconds", "training error", "held-out error", "gap",
        "training loss", "lowest training loss", "highest training loss", "held-out loss", "share in a worse minimum",
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for size in sizes:
        losses = [run["training_loss"] for run in size.runs]
        training, held_out = size.middle("training_error"), size.middle("held_out_error")
        rows.append(
            (size.depth, size.width, size.parameters, storage(8 * size.parameters), storage(size.middle("memory")),
             size.middle("seconds"), training, held_out, held_out - training, median(losses), min(losses), max(losses),
             size.middle("held_out_loss"), size.worse_share)
        )  # fmt: skip
    return ResultTable("Every size", EVERY_SIZE, columns, rows)
