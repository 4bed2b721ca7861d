"""Where to start?

Zeros, normal (variance 1/fan_in), Xavier (2/(fan_in + fan_out)), He (2/fan_in), orthogonal, and a warm start, learned
by 50 steps on half of the rows, which are not counted. Three things are measured. How large signals are, layer by
layer, and gradients on their way back, through a deep stack at theta_0: a start is good where both are level. How many
iterates a solver takes from there to f = 0.1, and whether it arrives at all, from many seeds. And what keeps zeros from
learning: how large the gradient of each layer's weights is there, and how many units of a hidden layer ever differ.

Theory: relu halves the second moment, so He's variance keeps it and 1/fan_in halves it at every layer. Tanh takes off
ever less of a signal that is ever smaller: with 1/fan_in its variance falls like 1/layer, with more it stays, but the
gradient grows by a factor a layer. From zeros the units of a hidden layer get one and the same gradient for ever, if
they get any.

Sources: Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; He et al. (2015), arXiv:1502.01852;
Saxe, McClelland & Ganguli (2014), arXiv:1312.6120; Schoenholz et al. (2017), arXiv:1611.01232; Rumelhart, Hinton &
Williams (1986), doi:10.1038/323533a0.

Settings: depth and width of the stack; seeds, how many starts; hidden, the units of a hidden layer, and layers, how
many of them where solvers race; iterations, after which a run is given up; data, what they learn: moons, rings,
spirals, a bundled set or a file of your own with classes, and its target.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from experiments.figures.records import Table
from experiments.lab.analysis.proportion import tally
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.statistics import slope
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, parse
from experiments.questions.initialisation.measured import MOVED, STEPS, copies, stack
from experiments.questions.initialisation.pictures import Race, figures, named
from problems.parts.initialisers import INITIALISERS

BOTH = ("tanh", "relu")
COPIED = ("tanh", "relu", "sigmoid")  # whose hidden layer is looked at for copies
SOLVERS = (STEPS, "adam(step=0.01)", "lbfgs")
SETTINGS: dict[str, Any] = {
    "depth": 20, "width": 64, "seeds": 15, "hidden": 12, "layers": [2, 6], "iterations": 2000, "data": "moons",
    "target": None,
}  # fmt: skip
DRAWN = ("moons", "rings", "spirals")
ENOUGH = 0.1  # f that is to be reached
EARLY = 3  # layers that tanh's law leaves out
LEVEL = (
    "Variances at theta_0, means over the stacks: the signal's at the last hidden layer over that at the first, and "
    "the gradient's at the first over that at the last; 1 is level."
)
ARRIVED = "Starts that arrived, and the median of their iterates; a warm start's own 50 steps are not among them."
SAME = "Norms of the gradients of both layers' weights at theta_0, and units that differ after {} steps."


def problem(layers: int, activation: str, initialiser: str, options: Options) -> str:
    """A network of so many hidden layers; the rows are the same for all."""
    given, drawn = options.settings, options.settings["data"] in DRAWN
    parts: list[tuple[str, Any]] = [("data", given["data"])]
    parts += [("target", given["target"])] if given["target"] else []
    parts += [("n", 100)] if drawn else [("loss", "cross-entropy")]  # of classes no f is below 0: all are judged alike
    parts += [("hidden", [given["hidden"]] * layers), ("activation", activation), ("initialiser", initialiser)]
    return str(Spec("network", (*parts, *([("seed", options.seed)] if options.seed and drawn else []))))


def problems(options: Options) -> Sequence[str]:
    """Networks shallow and deep from every start, and in full XOR."""
    found = [problem(k, a, i, options) for k in options.settings["layers"] for a in BOTH for i in INITIALISERS]
    if not options.quick and options.settings["data"] == SETTINGS["data"]:
        found += [f"xor(hidden=4, activation={a}, initialiser={i})" for a in BOTH for i in INITIALISERS]
    return found


def starts(options: Options) -> range:
    """The seeds; few where it must be quick and nothing else was asked."""
    count = options.settings["seeds"]
    return range(options.seed, options.seed + (3 if options.quick and count == SETTINGS["seeds"] else count))


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver from every start."""
    most = options.settings["iterations"]
    most = 1000 if options.quick and most == SETTINGS["iterations"] else most
    rule = Rule(ENOUGH, seconds=1.0 if options.quick else 5.0, iterations=most)
    solvers = SOLVERS[:2] if options.quick else SOLVERS
    return [Cell(on, solver, seed, rule) for on in problems(options) for solver in solvers for seed in starts(options)]


def trials(options: Options) -> Sequence[Trial]:
    """Stacks from every start, and one hidden layer whose units may be copies."""
    depth, width = options.settings["depth"], options.settings["width"]
    stacks = [
        trial(stack, initialiser=i, activation=a, depth=depth, width=width, seed=seed)
        for a in BOTH
        for i in INITIALISERS
        for seed in starts(options)[: 2 if options.quick else 5]
    ]
    return [
        *stacks,
        *(trial(copies, initialiser=i, activation=a, seed=options.seed) for a in COPIED for i in INITIALISERS),
    ]


EXPERIMENT = Experiment("initialisation", "initialisation", __doc__ or "", problems, cells, 1, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """What stays level through a stack, who arrives and when, and why zeros do not."""
    stacks, copied, races = result.read("stack"), result.read("copies"), raced(result)
    levels = level(stacks)
    tables = [
        Table("Level or not", LEVEL, ("activation", "initialiser", "signal", "gradient"),
              [(*key, *ratios) for key, ratios in levels.items()]),
        Table("Iterates from each start", ARRIVED, ("problem", "solver", "initialiser", "runs", "arrived", "iterates"),
              [(named(r.problem), r.solver, r.initialiser, r.runs, r.good, r.iterates) for r in races]),
        Table("Copies", SAME.format(MOVED), ("activation", "initialiser", "first", "last", "unlike", "f"),
              [(c["activation"], c["initialiser"], c["first"], c["last"], c["distinct"], c["f"]) for c in copied]),
    ]  # fmt: skip
    verdicts = [*levelled(levels, stacks), *lawful(levels, stacks), *same(copied), *arrived(races)]
    return Answer(verdicts, figures(stacks, races), tables)


Levels = dict[tuple[str, str], tuple[float | None, float | None]]


def level(stacks: Sequence[Read]) -> Levels:
    """For each activation and initialiser the last signal over the first, and the first gradient over the last."""
    found = {}
    for key in dict.fromkeys((read["activation"], read["initialiser"]) for read in stacks):
        own = [read for read in stacks if (read["activation"], read["initialiser"]) == key]
        signal, gradient = (np.mean([read[name] for read in own], axis=0) for name in ("signal", "gradient"))
        found[key] = (_over(signal[-1], signal[0]), _over(gradient[0], gradient[-1]))
    return found


def _over(over: float, under: float) -> float | None:
    return float(over / under) if under > 0 and over > 0 and np.isfinite(over / under) else None


def levelled(levels: Levels, stacks: Sequence[Read]) -> list[str]:
    """Which initialiser keeps signal and gradient level, for each activation, and which does worst."""
    told = []
    for activation in dict.fromkeys(activation for activation, _ in levels):
        known = {i: (s, g) for (a, i), (s, g) in levels.items() if a == activation and s and g}
        if not known:
            continue
        off = {i: max(abs(math.log10(ratio)) for ratio in ratios) for i, ratios in known.items()}
        best, worst = min(off, key=lambda i: off[i]), max(off, key=lambda i: off[i])
        each = " and ".join(
            f"from {i} signals end at {known[i][0]:.2g} of their first variance and gradients at {known[i][1]:.2g}"
            for i in dict.fromkeys((best, worst))
        )
        nothing = [i for a, i in levels if a == activation and i not in known]
        blocked = f"; from {', '.join(nothing)} nothing passes" if nothing else ""
        told.append(
            f"Through {stacks[0]['depth']} layers of {activation} {best} is the levelest start and {worst} the least: "
            f"{each}{blocked}."
        )
    return told


def lawful(levels: Levels, stacks: Sequence[Read]) -> list[str]:
    """What theory says of signals through relu and tanh, beside what was seen."""
    told = []
    depth = max((read["depth"] for read in stacks), default=0)
    halved, kept = (levels.get(("relu", i), (None, None))[0] for i in ("normal", "he"))
    if halved and kept and depth > 1:
        told.append(
            f"A layer of relu multiplies the variance of signals by {halved ** (1 / (depth - 1)):.2f} from normal "
            f"(theory: 0.5) and by {kept ** (1 / (depth - 1)):.2f} from he (theory: 1)."
        )
    runs = [read["signal"] for read in stacks if (read["activation"], read["initialiser"]) == ("tanh", "normal")]
    if runs and depth > EARLY + 2:
        mean = np.mean(runs, axis=0)
        power = slope(list(range(EARLY + 1, depth + 1)), mean[EARLY:].tolist()) if (mean > 0).all() else None
        if power is not None:
            told.append(f"From normal the variance of signals through tanh goes like layer^{power:.2f} (theory: -1).")
    return told


def same(copied: Sequence[Read]) -> list[str]:
    """What is the matter with zeros, and which other starts have copies."""
    told = []
    for read in copied:
        if read["initialiser"] == "zeros":
            one = "all are copies of one" if read["distinct"] == 1 else f"{read['distinct']} differ"
            told.append(
                f"with {read['activation']} the gradients of the two layers' weights are {read['first']:.2g} and "
                f"{read['last']:.2g}, and of {read['units']} units {one} after {MOVED} steps, f {read['f']:.3g}"
            )
    others = [read for read in copied if read["initialiser"] != "zeros"]
    rest = [f"{r['initialiser']} with {r['activation']}" for r in others if r["distinct"] < r["units"]]
    found = [f"From zeros, {'; '.join(told)}."] if told else []
    if others:
        best = min(read["f"] for read in others)
        but = f" but {', '.join(rest)}" if rest else ""
        found.append(f"From every other start{but} all units differ, and f comes down to {best:.3g}.")
    return found


def raced(result: Result) -> list[Race]:
    """For each problem, solver and initialiser how many arrived, and when."""
    rows: dict[tuple[str, str, str], list[Row]] = {}
    for row in result.rows:
        spec = parse(row.problem)
        rest = Spec(spec.name, tuple((key, value) for key, value in spec.given if key != "initialiser"))
        rows.setdefault((str(rest), row.solver, str(spec.get("initialiser"))), []).append(row)
    counts = {key: tally(own, lambda row: row.solved) for key, own in rows.items()}
    return [Race(*key, count.runs, count.good, count.iterates) for key, count in counts.items() if count]


def arrived(races: Sequence[Race]) -> list[str]:
    """From where each solver arrives soonest, and from where not at all."""
    told = []
    for on, solver in dict.fromkeys((race.problem, race.solver) for race in races):
        own = [race for race in races if (race.problem, race.solver) == (on, solver)]
        sure = sorted((r for r in own if r.good == r.runs and r.iterates is not None), key=lambda r: r.iterates or 0)
        ends = [f"{r.iterates:g} iterates from {r.initialiser}" for r in dict.fromkeys((*sure[:1], *sure[-1:]))]
        text = f"On {named(on)}, {solver} "
        text += f"takes {' and '.join(ends)} (medians)" if ends else "arrives every time from no start"
        failed = [f"{race.initialiser} {race.runs - race.good} of {race.runs}" for race in own if race.good < race.runs]
        told.append(text + (f"; it does not arrive from {', '.join(failed)} times." if failed else "."))
    cold = [race for race in races if race.initialiser == "zeros"]
    if cold:
        won, runs = sum(race.good for race in cold), sum(race.runs for race in cold)
        told.append(f"From zeros {won} of {runs} runs arrive.")
    known = {race[:3]: race.iterates for race in races if race.iterates}
    shares = [
        k / known[on, by, "xavier"]
        for (on, by, i), k in known.items()
        if i == "warm-start" and (on, by, "xavier") in known
    ]
    if shares:
        told.append(
            f"A warm start takes {median(shares):.0%} of the iterates of xavier's, from which it was learned (median)."
        )
    return told
