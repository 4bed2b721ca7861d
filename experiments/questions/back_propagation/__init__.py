"""Why not form the Jacobian?

Back through a layer that takes numbers x to numbers v goes one product: the slopes g by v become g J by x, J the
matrix of all dv_i/dx_j. For a batch of B rows of n numbers each, J has (B n)^2 entries and g J has B n. Every operation
knows g J without J: its vector-Jacobian product. Both are carried out here in float32 on two layers, an activation
relu(x) and a dense one tanh(x W): J row by row, a pass back for each entry of v, and then g J; against one pass back.
Theory expects of J's memory n^2 and of the pass's n; of its time n^2 and n by an activation, n^3 and n^2 by a dense
layer, once the work outweighs the calls. What does not fit is foretold from what does, by those powers and a cost of
each call.

Settings: width and batch, the layer to arrive at; megabytes, the largest J that is formed; formula and at, a
calculation of your own to draw, such as formula='sin(x)*y' at='x=1, y=2'.
"""

from __future__ import annotations

from collections.abc import Sequence

from experiments.figures.graph.evaluation import calculated
from experiments.figures.graph.picture import picture
from experiments.figures.records import Figure, Line, Lines, Picture, Table
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import duration, fold
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.cost import storage
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.lab.spec.grammar import SpecError
from experiments.questions.back_propagation.jacobians import ENTRY, LAYERS, MEASURES, POWERS, calls, law, layer
from problems.graph.node import number

SETTINGS = {"width": 4096, "batch": 16, "megabytes": 256, "formula": None, "at": None}
DRAWN = (
    ("f", "(x + y) * z", "x=1, y=-3, z=4"),
    (
        "the loss of one neuron",
        "log(1 + exp(-y * (v * tanh(w * x + b) + c)))",
        "x=0.5, y=-1, w=2, b=-0.3, v=1.5, c=0.1",
    ),
)
BYTES = (
    "How to read this: the lower the better, and a steeper line grows faster with the width. Dotted is where the "
    "largest measured would lead by theory's power."
)
TIMES = (
    "How to read this: the lower the better, medians of processor time. A line is flatter than the dotted one, "
    "theory's power, where calls cost more than their work."
)
NODES = (
    "How to read this: values go from left to right, and slopes, each with a d before it, come back from right to "
    "left: each is that of the box after it times the slope of its operation, and where a box is read twice, their sum."
)
GROWN = "p in n^p, n the width, fitted to the largest sizes that were measured; in brackets what theory says."
FAR = "What was measured there, or is foretold; J computed is entries times four bytes."


def trials(options: Options) -> Sequence[Trial]:
    """Both layers, one row and a batch, from narrow to as wide as asked. Raises SpecError."""
    width, batch, megabytes = (options.settings[key] for key in ("width", "batch", "megabytes"))
    if min(width, batch, megabytes) < 1:
        raise SpecError(f"width is {width}, batch {batch} and megabytes {megabytes}; each must be at least 1")
    if options.settings["formula"]:
        calculated(options.settings["formula"], options.settings["at"] or "")
    patience = 0.5 if options.quick else 10.0
    return [
        trial(layer, kind=kind, width=n, batch=rows, megabytes=megabytes, patience=patience, seed=options.seed)
        for kind in LAYERS
        for rows in sorted({1, batch})
        for n in sorted({max(width >> k, 1) for k in range(9)})
    ]


EXPERIMENT = Experiment("back-propagation", "back-propagation", __doc__ or "", trials=trials, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """What the Jacobian takes and what a pass back does, as far as both can be measured and beyond."""
    reads = result.read("layer")
    chosen = {**SETTINGS, **result.settings}
    width, batch = chosen["width"], chosen["batch"]
    verdicts = [computed(width, batch), *(compared(reads, kind) for kind in LAYERS), foretold(reads, width, batch)]
    lost = [read for read in result.reads if not read.good]
    if lost:
        verdicts.append(f"{len(lost)} of {len(result.reads)} measurements failed; the first: {lost[0].reading.reason}.")
    own = [("your own", chosen["formula"], chosen["at"] or "")] if chosen["formula"] else []
    pictures: list[Figure] = []
    for name, formula, at in (*own, *DRAWN):
        run = calculated(formula, at)
        slopes = ", ".join(f"{number(slope)} by {by}" for by, slope in run.gradient().items())
        verdicts.append(f"At {at}, {formula} is {number(run.value)}, and one pass back gives its slopes: {slopes}.")
        pictures.append(Picture(name, f"Forward and back through {formula}", NODES, picture(run, formula)))
    return Answer(list(filter(None, verdicts)), [*figures(reads, width), *pictures], tables(reads, width, batch))


def computed(width: int, batch: int) -> str:
    """The size of the Jacobian, by multiplication alone."""

    def told(rows: int) -> str:
        entries = (rows * width) ** 2
        sizes = ((1e9, " billion"), (1e6, " million"), (1, ""))
        unit, word = next(pair for pair in sizes if entries >= pair[0])
        return f"{float(f'{entries / unit:.3g}'):.15g}{word} entries, {storage(ENTRY * entries)}"

    more = f"; of a batch of {batch} it has {told(batch)}" if batch > 1 else ""
    return f"The Jacobian of a layer from {width} to {width} float32 numbers has {told(1)}{more}."


def compared(reads: Sequence[Read], kind: str) -> str | None:
    """The powers of one row, and both ways where the largest Jacobian was formed."""
    laws = [law(reads, kind, 1, measure) for measure in MEASURES]
    if not laws[0].widths:
        return None
    n = laws[0].widths[-1]
    memory, less, spent, quick = (each.at(n) or 0.0 for each in laws)
    told = [f"n^{each.fitted:.2f} ({p})" if each.fitted else "?" for each, p in zip(laws, POWERS[kind], strict=True)]
    apart = max(read["apart"] for read in reads if read["kind"] == kind and read["apart"] is not None)
    called = [calls(each, n) for each in laws[2:]]
    shares = "" if None in called else f"Of that time calls are {called[0]:.0%} and {called[1]:.0%}; the rest is work."
    return (
        f"Through {LAYERS[kind]} of width n, memory grows like {told[0]} with the Jacobian and {told[1]} without, time "
        f"like {told[2]} and {told[3]}, theory's powers in brackets. At n = {n:.0f} it takes {storage(memory)} against "
        f"{storage(less)}, {fold(memory / max(less, 1.0))}, and {duration(spent)} against {duration(quick)}, "
        f"{fold(spent / max(quick, 1e-9))}, to the same slopes within {apart:.1g}. {shares}"
    )


def foretold(reads: Sequence[Read], width: int, batch: int) -> str | None:
    """The batch through the activation asked for."""
    laws = [law(reads, "activation", batch, measure) for measure in MEASURES]
    memory, less, spent, quick = (each.at(width) for each in laws)
    if None in (memory, less, spent, quick):
        return None
    assert memory is not None and less is not None and spent is not None and quick is not None  # noqa: PT018
    exact = ENTRY * (batch * width) ** 2
    known = width in laws[0].widths
    how = "took" if known else f"would take, foretold from widths up to {laws[0].widths[-1]:.0f},"
    return (
        f"A batch of {batch} through an activation of width {width} {how} {storage(memory)} with the Jacobian, "
        f"{memory / exact:.2f} of the {storage(exact)} computed, and {duration(spent)}; a pass back takes "
        f"{storage(less)} and {duration(quick)} there."
    )


def tables(reads: Sequence[Read], width: int, batch: int) -> list[Table]:
    """The fitted powers, and the layer asked for."""
    grown, far = [], []
    for kind in LAYERS:
        for rows in sorted({1, batch}):
            laws = [law(reads, kind, rows, measure) for measure in MEASURES]
            pairs = zip(laws, POWERS[kind], strict=True)
            grown.append((kind, rows, *(f"{each.fitted:.2f} ({p})" if each.fitted else None for each, p in pairs)))
            values = [each.at(width) for each in laws]
            shown = [None if v is None else (storage if k < 2 else duration)(v) for k, v in enumerate(values)]
            formed = "measured" if width in laws[0].widths else "foretold"
            far.append((kind, rows, storage(ENTRY * (rows * width) ** 2), *shown, formed))
    return [
        Table("Powers of the width", GROWN, ("layer", "batch", *MEASURES), grown),
        Table(f"A layer of width {width}", FAR, ("layer", "batch", "J computed", *MEASURES, "with J"), far),
    ]


def figures(reads: Sequence[Read], width: int) -> list[Figure]:
    """Bytes of the activation, seconds of both layers, against the width."""
    batches = sorted({read["batch"] for read in reads})
    found: list[Figure] = []
    for kind, what, title in (
        ("activation", "bytes", "Memory"),
        ("activation", "seconds", "Time"),
        ("dense", "seconds", "Time"),
    ):
        scale = 2.0**-20 if what == "bytes" else 1.0
        lines, guides = [], {}
        for measure, label in ((f"{what} with J", "with the Jacobian"), (f"{what} without", "one pass back")):
            power = POWERS[kind][MEASURES.index(measure)]
            for rows in batches:
                own = law(reads, kind, rows, measure)
                if own.widths:
                    y = [scale * value for value in own.values]
                    lines.append(Line(f"{label}, batch {rows}", own.widths, y))
                    ends = [max(own.widths[-1] / 8, own.widths[0]), float(width)]
                    along = [y[-1] * (n / own.widths[-1]) ** power for n in ends]
                    guides[power] = Line("n" if power == 1 else f"n^{power}", ends, along, guide=True)
        level = [(scale * ENTRY * (rows * width) ** 2, f"J computed, batch {rows}") for rows in batches]
        found.append(
            Lines(
                f"{what} {kind}",
                f"{title} of going back through {LAYERS[kind]}",
                BYTES if what == "bytes" else TIMES,
                ("width n", "most allocated at once, in MB" if what == "bytes" else "processor seconds"),
                ("log", "log"),
                [*lines, *guides.values()],
                level=level if what == "bytes" else (),
            )
        )
    return [figure for figure in found if isinstance(figure, Lines) and figure.lines]
