"""Why not form the Jacobian?

A layer takes numbers x to numbers v. The backward pass takes g, the gradient of the loss with respect to v, to the
gradient with respect to x, which is g J. J is the Jacobian, the matrix of all dv_i/dx_j. For a batch of B rows of n
numbers each, J has (B n)^2 entries and g J has B n. Every operation can compute g J without J: this is its
vector-Jacobian product.

Both ways are measured in float32 on two layers, an activation relu(x) and a dense layer tanh(x W). One forms J row by
row, with one backward pass for each entry of v, and then multiplies g J. The other is a single backward pass. In
theory J's memory grows like n^2 and that of the single pass like n. The times grow like n^2 and n with the activation,
and like n^3 and n^2 with the dense layer, once the arithmetic costs more than the calls. What is too large to measure
is predicted from the smaller sizes, by those powers and a cost per call.

Settings: width and batch, of the largest layer; megabytes, the largest J that is formed; formula and at, a formula of
your own that is drawn too, such as formula='sin(x)*y' at='x=1, y=2'.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.figures.graph.evaluation import calculated, derivatives_text
from experiments.figures.graph.picture import picture
from experiments.figures.records import Figure, Line, Lines, Picture, ResultTable
from experiments.lab.analysis.formats import duration, storage
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Measurement, MeasurementResult, measurement_of
from experiments.lab.spec.grammar import SpecError
from experiments.questions.back_propagation.jacobians import ENTRY, LAYERS, MEASURES, POWERS, backward_cost, cost_model
from experiments.questions.back_propagation.verdicts import both_ways, jacobian_size, largest_layer, power_text
from problems.graph.node import number_text

SETTINGS = {"width": 4096, "batch": 16, "megabytes": 256, "formula": None, "at": None}
FORMULAS = (  # drawn always: a name, the formula, and the values of its variables
    ("f", "(x + y) * z", "x=1, y=-3, z=4"),
    (
        "the loss of one neuron",
        "log(1 + exp(-y * (v * tanh(w * x + b) + c)))",
        "x=0.5, y=-1, w=2, b=-0.3, v=1.5, c=0.1",
    ),
)
MEMORY = (
    "How to read this: lower is better, and a steeper line grows faster with the width. Dotted lines continue from the "
    "largest measurement with theory's power."
)
TIME = (
    "How to read this: lower is better; each mark is a median of processor time. A line is flatter than the dotted "
    "one, theory's power, where the calls cost more than the arithmetic."
)
GRAPH = (
    "How to read this: values go from left to right. Derivatives of the formula, each after a d, come back from right "
    "to left. The derivative by a box is that by the next box times the derivative of the next box's operation. Where "
    "a box is read more than once, it is the sum of these terms."
)
FITTED = "p of n^p, where n is the width, fitted to the largest sizes that were measured; theory's p in brackets."
FORMATS = (storage, storage, duration, duration)  # of the four measures
AT_WIDTH = "Measured at this width, or predicted. The computed size of J is four bytes for each entry."


def measurements(options: Options) -> Sequence[Measurement]:
    """Both layers, for one row and for the batch, up to the given width. Raises SpecError."""
    width, batch, megabytes = (options.settings[key] for key in ("width", "batch", "megabytes"))
    if min(width, batch, megabytes) < 1:
        raise SpecError(f"width is {width}, batch {batch} and megabytes {megabytes}; each must be at least 1")
    if options.settings["formula"]:
        calculated(options.settings["formula"], options.settings["at"] or "")  # refused before anything runs
    patience = 0.5 if options.quick else 10.0
    return [
        measurement_of(
            backward_cost, kind=kind, width=n, batch=rows, megabytes=megabytes, patience=patience, seed=options.seed
        )
        for kind in LAYERS
        for rows in sorted({1, batch})
        for n in sorted({max(width >> k, 1) for k in range(9)})
    ]


EXPERIMENT = Experiment(
    "back-propagation", "back-propagation", __doc__ or "", measurements=measurements, settings=SETTINGS
)


def answer(result: Result) -> Answer:
    """What the Jacobian costs and what a single backward pass costs, measured and predicted; and drawn formulas."""
    measured = result.measured(backward_cost.__name__)
    settings = {**SETTINGS, **result.settings}
    width, batch = settings["width"], settings["batch"]
    verdicts = [
        jacobian_size(width, batch),
        *(both_ways(measured, kind) for kind in LAYERS),
        largest_layer(measured, width, batch),
    ]
    failed = [measurement for measurement in result.measurements if not measurement.good]
    if failed:
        verdicts.append(f"{len(failed)} of {len(result.measurements)} measurements failed; first: {failed[0].reason}.")
    users = [("your formula", settings["formula"], settings["at"] or "")] if settings["formula"] else []
    pictures: list[Figure] = []
    for name, formula, at in (*users, *FORMULAS):
        evaluation = calculated(formula, at)
        verdicts.append(
            f"At {at}, {formula} is {number_text(evaluation.value)}. One backward pass gives its gradient: "
            f"{', '.join(derivatives_text(evaluation))}."
        )
        pictures.append(Picture(name, f"The graph of {formula}", GRAPH, picture(evaluation, formula)))
    shown = [*_figures(measured, width), *pictures]
    return Answer([verdict for verdict in verdicts if verdict], shown, _tables(measured, width, batch))


def _tables(measured: Sequence[MeasurementResult], width: int, batch: int) -> list[ResultTable]:
    """The fitted powers, and the costs at the given width."""
    powers, at_width = [], []
    for kind in LAYERS:
        for rows in sorted({1, batch}):
            models = [cost_model(measured, kind, rows, measure) for measure in MEASURES]
            powers.append((kind, rows, *map(power_text, models, POWERS[kind])))
            values = [model.at(width) for model in models]
            texts = [value if value is None else form(value) for form, value in zip(FORMATS, values, strict=True)]
            origin = "measured" if width in models[0].widths else "predicted"
            at_width.append((kind, rows, storage(ENTRY * (rows * width) ** 2), *texts, origin))
    costs = ("layer", "batch", "computed size of J", *MEASURES, "values with J")
    return [
        ResultTable("Powers of the width", FITTED, ("layer", "batch", *MEASURES), powers),
        ResultTable(f"A layer of width {width}", AT_WIDTH, costs, at_width),
    ]


def _figures(measured: Sequence[MeasurementResult], width: int) -> list[Lines]:
    """Bytes with the activation and seconds with both layers, against the width."""
    figures = [
        _by_width(measured, width, kind, unit)
        for kind, unit in (("activation", "bytes"), ("activation", "seconds"), ("dense", "seconds"))
    ]
    return [figure for figure in figures if figure.lines]


def _by_width(measured: Sequence[MeasurementResult], width: int, kind: str, unit: str) -> Lines:
    """One measure of one layer against the width, for each batch, with theory's powers."""
    batches = sorted({measurement["batch"] for measurement in measured})
    memory = unit == "bytes"
    scale = 2.0**-20 if memory else 1.0
    lines, guides = [], {}
    for measure, label in ((f"{unit} with J", "with the Jacobian"), (f"{unit} without J", "one backward pass")):
        power = POWERS[kind][MEASURES.index(measure)]
        for rows in batches:
            model = cost_model(measured, kind, rows, measure)
            if model.widths:
                y = [scale * value for value in model.values]
                lines.append(Line(f"{label}, batch {rows}", model.widths, y))
                ends = [max(model.widths[-1] / 8, model.widths[0]), float(width)]
                expected = [y[-1] * (n / model.widths[-1]) ** power for n in ends]
                guides[power] = Line("n" if power == 1 else f"n^{power}", ends, expected, guide=True)
    sizes = [(scale * ENTRY * (rows * width) ** 2, f"computed size of J, batch {rows}") for rows in batches]
    return Lines(
        f"{unit} {kind}",
        f"{'Memory' if memory else 'Time'} of the backward pass through {LAYERS[kind]}",
        MEMORY if memory else TIME,
        ("width n", "largest allocation at one moment, in MB" if memory else "processor seconds"),
        ("log", "log"),
        [*lines, *guides.values()],
        level=sizes if memory else (),
    )
