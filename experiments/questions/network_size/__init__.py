"""How big a network?

Networks of every depth and width of a grid learn few noisy rows and are tried on many held out, each from several
seeds, whose weights differ and whose rows do not. Too small a network cannot tell what is there to be told; one that is
larger tells the rows it learned ever better, their noise too, and from some size on the rows held out ever worse: it
overfits. Its loss has several minima: from some seeds a run ends in a poorer one, more often in small networks.
Counted and measured by size: parameters, memory, seconds, errors and losses on both kinds of rows, and how far the
final training losses lie apart.

Settings: data and target, a file of your own, a bundled set (two thirds of its rows to learn from) or what is drawn
(moons, rings, spirals, synthetic), of that noise, n rows to learn from and held rows held out; depths and widths,
hidden layers and units of each; activation; l2, weight decay; solver and iterates; seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import solvers
from experiments.comparison.comparison import checked
from experiments.figures.records import Figure, Table
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.statistics import slope
from experiments.lab.analysis.verdict import duration, fold
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.cost import storage
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.lab.spec.grammar import SpecError
from experiments.questions.network_size.pictures import drawn
from experiments.questions.network_size.sized import fitted
from problems.data.real import BUNDLED
from problems.foundation.checks import not_negative
from problems.foundation.names import meant
from problems.networks.problem import DRAWN
from problems.parts.activations import ACTIVATIONS

SETTINGS = {
    "data": "moons", "target": None, "noise": 0.3, "n": 100, "held": 2000, "depths": [1, 2, 4],
    "widths": [1, 2, 4, 8, 16, 32, 64], "activation": "tanh", "l2": 0.0, "solver": "lbfgs", "iterates": 400, "seeds": 9,
}  # fmt: skip
WORSE = 1.1  # times the best size's error on rows held out
POORER = 0.05  # of the loss of one and the same answer, above the best seed's
REST = 0.01  # of the first gradient's norm: below it more iterates would change little
EACH = (
    "Medians over seeds. Memory is what a pass forward and back allocates at once; gap is the error held out less that "
    "in training; poorer is the share of seeds that end well above the best seed of their size."
)


def trials(options: Options) -> Sequence[Trial]:
    """Every size from every seed; a quick look leaves the widest out. Raises SpecError."""
    chosen = dict(options.settings)
    depths, widths, seeds = (chosen.pop(key) for key in ("depths", "widths", "seeds"))
    if not depths or not widths or min(*depths, *widths, seeds, chosen["n"], chosen["held"], chosen["iterates"]) < 1:
        raise SpecError("depths, widths, seeds, n, held and iterates must each be at least 1")
    if chosen["activation"] not in ACTIVATIONS:
        raise SpecError(f"no activation {chosen['activation']!r}; {meant(chosen['activation'], ACTIVATIONS)}")
    checked([chosen["solver"]], solvers.TABLE)
    if chosen["data"] not in (*DRAWN, *BUNDLED) and not Path(chosen["data"]).is_file():
        raise SpecError(f"no data set {chosen['data']!r}; {meant(chosen['data'], [*DRAWN, *BUNDLED])}; nor such a file")
    try:
        not_negative(noise=chosen["noise"], l2=chosen["l2"])
    except ValueError as refused:
        raise SpecError(str(refused)) from None
    depths, widths = sorted(set(depths)), sorted(set(widths))
    if options.quick:
        widths, seeds = widths[:-1] if len(widths) > 3 else widths, min(seeds, 5)
        chosen["iterates"] = min(chosen["iterates"], 200)
    return [
        trial(fitted, depth=depth, width=width, seed=seed, rows=options.seed, keep=seed == options.seed, **chosen)
        for depth in depths
        for width in widths
        for seed in range(options.seed, options.seed + seeds)
    ]


EXPERIMENT = Experiment("network-size", "network-size", __doc__ or "", trials=trials, settings=SETTINGS)


class Size(NamedTuple):
    """One depth and width, with its runs from every seed."""

    depth: int
    width: int
    reads: Sequence[Read]

    def middle(self, name: str) -> float:
        """The median over seeds."""
        return float(median(read[name] for read in self.reads))

    @property
    def parameters(self) -> int:
        return int(self.reads[0]["parameters"])

    @property
    def an_iterate(self) -> float:
        """Processor seconds."""
        return self.middle("seconds") / max(self.middle("iterates"), 1)

    @property
    def name(self) -> str:
        return f"depth {self.depth}, width {self.width}"

    @property
    def poorer(self) -> list[Read]:
        """The runs that ended well above the best of this size."""
        best = min(read["train_loss"] for read in self.reads)
        return [read for read in self.reads if read["train_loss"] > best + POORER * read["constant_loss"]]


def sizes_of(reads: Sequence[Read]) -> list[Size]:
    """By parameters, ascending."""
    groups: dict[tuple[int, int], list[Read]] = {}
    for read in reads:
        groups.setdefault((read["depth"], read["width"]), []).append(read)
    return sorted((Size(*size, own) for size, own in groups.items()), key=lambda size: (size.parameters, size.depth))


def answer(result: Result) -> Answer:
    """The best size, where overfitting begins, how often a run ends in a poorer minimum, and what size costs."""
    sizes = sizes_of(result.read("fitted"))
    verdicts = []
    figures: list[Figure] = []
    if sizes:
        best = best_of(sizes)
        verdicts = [*errors(sizes, best), minima(sizes), spent(sizes)]
        figures = drawn(sizes, best)
    lost = [read for read in result.reads if not read.good]
    if lost:
        verdicts.append(f"{len(lost)} of {len(result.reads)} runs failed; the first: {lost[0].reading.reason}.")
    return Answer(verdicts, figures, [table(sizes)] if sizes else [])


def best_of(sizes: Sequence[Size]) -> Size:
    """The least median error on rows held out; of equals the fewest parameters."""
    return min(sizes, key=lambda size: (size.middle("test_error"), size.parameters))


def told(size: Size, name: str) -> str:
    """A median error as it is read: of classes a share."""
    value = size.middle(name)
    return f"{value:.1%}" if size.reads[0]["classes"] else f"{value:.3g}"


def errors(sizes: Sequence[Size], best: Size) -> list[str]:
    """The best size, sizes too small, and those that overfit."""
    first, last = sizes[0], sizes[-1]
    seeds = len(best.reads)
    found = [
        f"Of {len(sizes)} sizes from {first.parameters} to {last.parameters} parameters {best.name}, with "
        f"{best.parameters}, errs least on rows held out: {told(best, 'test_error')}, and {told(best, 'train_error')} "
        f"on those learned, medians of {seeds} seeds; one and the same answer errs by {told(best, 'constant_error')}."
    ]
    if first is not best:
        errs = f"errs by {told(first, 'test_error')} and {told(first, 'train_error')}"
        found[0] += f" The smallest, {first.name}, {errs}."
    larger = [size for size in sizes if size.parameters > best.parameters]
    over = [size for size in larger if overfits(size, best)]
    if over:
        begins = over[0]
        found.append(
            f"Overfitting begins at {begins.parameters} parameters ({begins.name}): there and in {len(over)} of the "
            f"{len(larger)} sizes above the best in all, no more errors on rows learned, and at least a tenth more on "
            f"rows held out than the best size. The largest, {last.name}, errs by {told(last, 'test_error')} and "
            f"{told(last, 'train_error')}."
        )
    elif larger:
        found.append(
            f"Overfitting does not show in the errors up to {last.parameters} parameters: of the {len(larger)} sizes "
            "above the best none errs a tenth more on rows held out while it errs no more on those learned."
        )
    else:
        found.append("The largest size is the best of these, so that a larger one may be better still.")
    if best.reads[0]["classes"]:
        least = min(sizes, key=lambda size: size.middle("test_loss"))
        found.append(
            f"By the loss on rows held out, which counts how sure a wrong answer is, {least.name} is best with "
            f"{least.middle('test_loss'):.3g}; the best by errors has {best.middle('test_loss'):.3g}, the largest size "
            f"{last.middle('test_loss'):.3g}."
        )
    return found


def overfits(size: Size, best: Size) -> bool:
    """It tells the rows learned no worse than the best size, and those held out clearly worse."""
    learns = size.middle("train_error") <= best.middle("train_error")
    return learns and size.middle("test_error") > WORSE * best.middle("test_error")


def minima(sizes: Sequence[Size]) -> str:
    """How often a run ends well above the best of its size, and where."""
    runs = [read for size in sizes for read in size.reads]
    poorer = [read for size in sizes for read in size.poorer]
    text = (
        f"{len(poorer)} of {len(runs)} runs, {len(poorer) / len(runs):.0%}, end poorer than the best seed of their "
        f"size, their training loss above its by more than {POORER:.0%} of a constant answer's"
    )
    if not poorer:
        return f"{text}."
    rest = sum(read["rest"] < REST for read in poorer)
    worst = max(sizes, key=lambda size: len(size.poorer) / len(size.reads))
    widest = max(size.width for size in sizes if size.poorer)
    free = [size for size in sizes if size.width > widest]
    beyond = f"; none does at widths above {widest}" if free else ""
    return (
        f"{text}; {rest} of them had come to rest in a minimum of their own, the gradient below {REST:.0%} of the "
        f"first, and {len(poorer) - rest} were still on their way. It is most frequent at {worst.name}, "
        f"{len(worst.poorer)} of {len(worst.reads)} seeds{beyond}."
    )


def spent(sizes: Sequence[Size]) -> str:
    """Time and memory against parameters."""
    first, last = sizes[0], sizes[-1]
    many = last.parameters / first.parameters
    power = slope([size.parameters for size in sizes], [size.an_iterate for size in sizes])
    grown = f", like parameters^{power:.2f} over all sizes" if power is not None else ""
    return (
        f"The largest has {fold(many)} the parameters of the smallest, {storage(8 * last.parameters)} against "
        f"{storage(8 * first.parameters)}; a pass forward and back takes {storage(last.middle('memory'))} against "
        f"{storage(first.middle('memory'))}, and an iterate {duration(last.an_iterate)} of processor time against "
        f"{duration(first.an_iterate)}{grown}."
    )


def table(sizes: Sequence[Size]) -> Table:
    """Every size."""
    columns = (
        "depth", "width", "parameters", "theta", "memory", "seconds", "train error", "test error", "gap", "train loss",
        "best seed's", "worst seed's", "test loss", "poorer",
    )  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    for size in sizes:
        losses = [read["train_loss"] for read in size.reads]
        train, test = size.middle("train_error"), size.middle("test_error")
        rows.append(
            (size.depth, size.width, size.parameters, storage(8 * size.parameters), storage(size.middle("memory")),
             size.middle("seconds"), train, test, test - train, median(losses), min(losses), max(losses),
             size.middle("test_loss"), len(size.poorer) / len(size.reads))
        )  # fmt: skip
    return Table("Every size", EACH, columns, rows)
