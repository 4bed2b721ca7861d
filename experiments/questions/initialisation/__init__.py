"""Where to start?

The initialisers are zeros, normal (variance 1/fan_in), Xavier (2/(fan_in + fan_out)), He (2/fan_in), orthogonal, and a
warm start: weights trained by 50 steps on half of the rows, which are not counted. Three things are measured. First,
the size of signals on their way forward through a deep network at theta_0, layer by layer, and of gradients on their
way backward; a start is good if both stay constant. Second, the iterations that a solver needs from there to f = 0.1,
and how often it succeeds, over many seeds. Third, why zeros do not learn: the gradient of each layer's weights, and the
number of units of a hidden layer that ever differ.

Theory: relu halves the second moment, so He's variance keeps it constant, and 1/fan_in halves it in every layer. Tanh
shrinks a small signal less than a large one: with 1/fan_in the variance falls like 1/layer; with a larger variance it
stays constant, but the gradient grows by a factor per layer. From zeros all units of a hidden layer receive the same
gradient forever, if they receive one.

Sources: Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; He et al. (2015), arXiv:1502.01852;
Saxe, McClelland & Ganguli (2014), arXiv:1312.6120; Schoenholz et al. (2017), arXiv:1611.01232; Rumelhart, Hinton &
Williams (1986), doi:10.1038/323533a0.

Settings: depth and width of the deep network; seeds, the number of starts; hidden, the units of a hidden layer, and
layers, a list of the numbers of hidden layers that solvers train; iterations, after which a run is ended; data, what
they learn: moons, circles, spirals, a bundled set or a user's file with classes, and its target.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.figures.records import ResultTable
from experiments.lab.analysis.proportion import proportion
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, MeasurementResult, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import seeded
from experiments.lab.spec.grammar import Spec, spec
from experiments.lab.spec.supplied import Named, Supplied
from experiments.questions.initialisation.measured import GRADIENT_DESCENT, ITERATIONS, deep_network, equal_units
from experiments.questions.initialisation.pictures import StartRuns, figures, short_name
from experiments.questions.initialisation.verdicts import (
    runs_sentences,
    theory_sentences,
    variance_ratios,
    variance_sentences,
    zeros_sentences,
)
from problems.parts.initialisers import INITIALISERS

TRAINED = ("tanh", "relu")  # activations of the networks that solvers train
COMPARED = ("tanh", "relu", "sigmoid")  # activations of the hidden layer whose units are compared
SOLVERS = (GRADIENT_DESCENT, spec("adam", step=0.01), spec("lbfgs"))
SYNTHETIC = ("moons", "circles", "spirals")
ROWS = 100  # of synthetic data
TARGET = 0.1  # f that a run must reach
SETTINGS: dict[str, Any] = {
    "depth": 20, "width": 64, "seeds": 15, "hidden": 12, "layers": [2, 6], "iterations": 2000, "data": "moons",
    "target": None,
}  # fmt: skip
QUICK = {"seeds": 3, "iterations": 1000}
RATIOS_CAPTION = (
    "Variances at theta_0, means over the networks: of the signal at the last hidden layer over that at the first, and "
    "of the gradient at the first over that at the last. 1 is best."
)
RUNS_CAPTION = (
    "Runs that reached f = 0.1, and the median of their iterations. The 50 steps of a warm start are not counted."
)
UNITS_CAPTION = (
    f"Norms of the gradients of both layers' weights at theta_0, and the distinct units and f after {ITERATIONS} steps."
)
RATIO_COLUMNS = ("activation", "initialiser", "signal", "gradient")
RUN_COLUMNS = ("problem", "solver", "initialiser", "runs", "successes", "iterations")
UNIT_COLUMNS = {  # of the table, and the name of the measured value
    "activation": "activation",
    "initialiser": "initialiser",
    "gradient of layer 1": "first",
    "gradient of layer 2": "last",
    "distinct units": "distinct",
    "f": "f",
}


def trained_network(layers: int, activation: str, initialiser: str, options: Options) -> Named:
    """A network with that number of hidden layers; the rows are the same for all of them."""
    data, target, hidden = (options.settings[key] for key in ("data", "target", "hidden"))
    # with cross-entropy no f is below 0, so that the same f is asked of all data; synthetic labels have it by default
    rows = {"n": ROWS} if data in SYNTHETIC else {"loss": "cross-entropy"}
    given = {"data": data, **({"target": target} if target else {}), **rows}
    parts = {"hidden": (hidden,) * layers, "activation": activation, "initialiser": initialiser}
    return seeded(spec("network", **given, **parts), options.seed)


def problems(options: Options) -> Sequence[Named]:
    """Shallow and deep networks from every initialiser; without --quick also XOR."""
    planned = [
        trained_network(layers, activation, initialiser, options)
        for layers in options.settings["layers"]
        for activation in TRAINED
        for initialiser in INITIALISERS
    ]
    if options.quick or options.settings["data"] != SETTINGS["data"]:
        return planned
    return [
        *planned,
        *(spec("xor", hidden=4, activation=a, initialiser=i) for a in TRAINED for i in INITIALISERS),
    ]


def seeds(options: Options) -> range:
    """The seeds of the starts."""
    count = options.smaller("seeds", SETTINGS["seeds"], QUICK["seeds"])
    return range(options.seed, options.seed + count)


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver from every start; two solvers under --quick."""
    most = options.smaller("iterations", SETTINGS["iterations"], QUICK["iterations"])
    rule = Rule(TARGET, seconds=1.0 if options.quick else 5.0, iterations=most, absolute=True)
    solvers = SOLVERS[:2] if options.quick else SOLVERS
    return [
        Cell(problem, solver, seed, rule)
        for problem in problems(options)
        for solver in solvers
        for seed in seeds(options)
    ]


def measurements(options: Options) -> Sequence[Measurement]:
    """Deep networks from every initialiser, and one hidden layer whose units are compared."""
    shape = {key: options.settings[key] for key in ("depth", "width")}
    deep = [
        measurement_of(deep_network, initialiser=initialiser, activation=activation, seed=seed, **shape)
        for activation in TRAINED
        for initialiser in INITIALISERS
        for seed in seeds(options)[: 2 if options.quick else 5]
    ]
    shallow = [
        measurement_of(equal_units, initialiser=initialiser, activation=activation, seed=options.seed)
        for activation in COMPARED
        for initialiser in INITIALISERS
    ]
    return [*deep, *shallow]


EXPERIMENT = Experiment("initialisation", "initialisation", __doc__ or "", problems, cells, 1, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """Which start keeps variances constant, which runs succeed and when, and why zeros do not learn."""
    networks, units, starts = result.measured("deep_network"), result.measured("equal_units"), start_runs(result)
    ratios = variance_ratios(networks)
    tables = [
        ResultTable("Variances", RATIOS_CAPTION, RATIO_COLUMNS, [(*key, *pair) for key, pair in ratios.items()]),
        ResultTable("Iterations from each start", RUNS_CAPTION, RUN_COLUMNS, [_run_row(start) for start in starts]),
        ResultTable("Equal units", UNITS_CAPTION, tuple(UNIT_COLUMNS), [_unit_row(unit) for unit in units]),
    ]
    verdicts = [
        *variance_sentences(ratios, networks),
        *theory_sentences(ratios, networks),
        *zeros_sentences(units),
        *runs_sentences(starts),
    ]
    return Answer(verdicts, figures(networks, starts), tables)


def _run_row(start: StartRuns) -> tuple[str | float | None, ...]:
    counts = (start.runs, start.successes, start.iterations)
    return short_name(start.problem), str(start.solver), start.initialiser, *counts


def _unit_row(unit: MeasurementResult) -> tuple[str | float | None, ...]:
    return tuple(unit[name] for name in UNIT_COLUMNS.values())


def start_runs(result: Result) -> list[StartRuns]:
    """For each problem, solver and initialiser how many runs succeeded, and after how many iterations."""
    groups: dict[tuple[Named, Named, str], list[CellResult]] = {}
    for row in result.rows:
        key = (without_initialiser(row.problem), row.solver, str(row.problem.get("initialiser")))
        groups.setdefault(key, []).append(row)
    counts = {key: proportion(rows, lambda row: row.solved) for key, rows in groups.items()}
    return [StartRuns(*key, count.runs, count.successes, count.iterations) for key, count in counts.items() if count]


def without_initialiser(problem: Named) -> Named:
    """The problem without its initialiser, which is the same for all starts."""
    if isinstance(problem, Supplied):
        return problem
    return Spec(problem.name, tuple((key, value) for key, value in problem.given if key != "initialiser"))
