"""Closed form or gradient, without labels?

Two problems that need no target. Principal components have a closed form, an SVD or the eigenvectors of X'X, with a
single cost of n d^2. Power iteration, Oja's rule and every gradient method minimise the same f = |X - X V V'|^2 / 2n
from the same start, at a cost of n d k per iteration. All are compared at a loose and a tight tolerance, on few and on
many columns. Theory: power iteration shrinks the angle by lambda_(k+1)/lambda_k per iteration, so that its iterations
are inversely proportional to the gap between close eigenvalues. Oja's rule with a constant step stops at a noise floor;
with decreasing steps it continues. k-means has no closed form and many minima. Many runs from k-means++ and random
starts show how often Lloyd's algorithm, mini-batches, gradient methods and those of scikit-learn end at the lowest f;
Lloyd's algorithm and mini-batches are compared in time and f on more and more rows.

Settings: n, d and k of the principal components, and ratios, a list of lambda_(k+1)/lambda_k; wide, the columns of
the wider problem; clusters and spread of k-means, starts, the number of runs of each method, and sizes, a list of
numbers of rows; or data, a bundled data set or a user's file, and target, its column that is not used: then k varies
instead of ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.comparison.convergence_figure import convergence_figure
from experiments.figures.records import Figure, ResultTable
from experiments.lab.analysis.formats import duration, percent, ratio_text
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.analysis.verdict import contenders, verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.building import seeded
from experiments.lab.spec.grammar import parse, spec
from experiments.lab.spec.supplied import Named
from experiments.questions.unsupervised import centres, components, pictures

CLOSED_FORMS = tuple(map(parse, ("pca-svd", "pca-svd(method=covariance)", "sklearn-pca(solver=covariance_eigh)")))
EIGENVECTOR_ITERATIONS = tuple(map(parse, ("power-iteration", "oja", "sklearn-pca(solver=randomized)")))
GRADIENT_METHODS = tuple(parse(name) for name in (
    "gradient-descent", "gradient-descent(rule=barzilai-borwein)", "nesterov", "lbfgs", "newton-cg", "trust-region",
    "sgd", "svrg",
))  # fmt: skip
KINDS = {
    "closed forms": CLOSED_FORMS,
    "iterations for eigenvectors": EIGENVECTOR_ITERATIONS,
    "gradient methods": GRADIENT_METHODS,
}
SWEPT = tuple(map(parse, ("pca-svd", "power-iteration", "gradient-descent", "nesterov", "lbfgs", "newton-cg")))
CLUSTERING = (
    "lloyd", "mini-batch-k-means", "gradient-descent", "gradient-descent(rule=barzilai-borwein)", "nesterov", "lbfgs",
    "newton", "sgd", "sklearn-k-means", "sklearn-mini-batch-k-means",
)  # fmt: skip
LOOSE, TIGHT = 1e-2, 1e-6
FAR_APART = 0.02  # spread of clusters with which every start of k-means++ leads to the lowest f
NO_GROWTH = 0.1  # an exponent that counts as 0
SETTINGS: dict[str, Any] = {
    "n": 1000, "d": 50, "wide": 500, "k": 3, "ratios": [0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98], "clusters": 8,
    "spread": 0.2, "starts": 100, "sizes": [1000, 10000, 100000, 1000000], "data": None, "target": None,
}  # fmt: skip
QUICK: dict[str, Any] = {"wide": 300, "ratios": [0.3, 0.7, 0.9, 0.97], "starts": 20, "sizes": [1000, 10000, 100000]}
MOST_DIRECTIONS = 4  # of a user's data, each number of directions is a problem up to this
COMPARED = (
    "Medians. The passes of peers over the rows are unknown. Explained is the share of the variance that the last "
    "iterate keeps. A run is solved where f is within the tolerance of the minimum."
)


def smaller(options: Options, name: str) -> Any:
    """A setting that is smaller under --quick."""
    return options.smaller(name, SETTINGS[name], QUICK[name])


def problem_with(options: Options, name: str, synthetic: Mapping[str, Any] | None = None, **parameters: Any) -> Named:
    """A problem on the user's data where there are some, otherwise on rows drawn with the `synthetic` parameters."""
    if options.settings["data"]:
        keys = ("data", "target")
        rows = {key: options.settings[key] for key in keys if options.settings[key] is not None}
    else:
        rows = dict(synthetic or {})
    return seeded(spec(name, **rows, **parameters), options.seed)


def sweep(options: Options) -> list[Named]:
    """Principal components with eigenvalues k and k + 1 closer and closer; of a user's data with several k."""
    n, d, k = (options.settings[key] for key in ("n", "d", "k"))
    if options.settings["data"]:
        most = min(components.principal_of(problem_with(options, "pca", k=1)).X.shape)
        directions = sorted({*range(1, MOST_DIRECTIONS + 1), k})
        return [problem_with(options, "pca", k=count) for count in directions if count < most]
    step = {"n": n, "d": d, "spectrum": "step", "rank": k}
    return [problem_with(options, "pca", {**step, "ratio": ratio}, k=k) for ratio in smaller(options, "ratios")]


def compared(options: Options) -> list[Named]:
    """The problems that all solvers are compared on: few columns and many; of a user's data the one with k."""
    n, d, k = (options.settings[key] for key in ("n", "d", "k"))
    if options.settings["data"]:
        return [problem for problem in sweep(options) if problem.get("k") == k]
    return [problem_with(options, "pca", {"n": n, "d": columns}, k=k) for columns in (d, smaller(options, "wide"))]


def clusters(options: Options) -> Named:
    """The clusters that solvers are compared on: of synthetic rows three that are far apart."""
    if options.settings["data"]:
        return problem_with(options, "k-means", k=options.settings["clusters"])
    rows = {"n": options.settings["n"], "d": 10, "clusters": 3, "spread": FAR_APART}
    return problem_with(options, "k-means", rows, k=3)


def problems(options: Options) -> Sequence[Named]:
    """Principal components of every width and gap, and clusters."""
    return [*compared(options), *sweep(options), clusters(options)]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """All solvers on the compared problems to both tolerances, some on every gap, and those of k-means on clusters."""
    seconds = 0.3 if options.quick else 3.0
    loose, tight = (Rule(tolerance, seconds, absolute=True) for tolerance in (LOOSE, TIGHT))
    everyone = [solver for kind in KINDS.values() for solver in kind]
    planned = [
        Cell(problem, solver, options.seed, rule)
        for problem in compared(options)
        for rule in (loose, tight)
        for solver in everyone
    ]
    planned += [Cell(problem, solver, options.seed, tight) for problem in sweep(options) for solver in SWEPT]
    return [*planned, *(Cell(clusters(options), solver, options.seed, tight) for solver in CLUSTERING)]


def measurements(options: Options) -> Sequence[Measurement]:
    """The angles of power iteration, the epochs of Oja's rule, the ends of k-means and its times by rows."""
    seed, k, spread, n = options.seed, *(options.settings[key] for key in ("clusters", "spread", "n"))
    planned = [measurement_of(components.power, problem=problem, seed=seed) for problem in sweep(options)]
    epochs = 100 if options.quick else 400
    runs = [(step, "constant") for step in components.STEPS] + [(1.0, name) for name in components.DECREASING]
    planned += [
        measurement_of(components.oja, problem=problem, step=step, schedule=schedule, epochs=epochs, seed=seed)
        for problem in compared(options)[:1]
        for step, schedule in runs
    ]
    blobs = {"clusters": k, "spread": spread}
    planned += [
        measurement_of(
            centres.ends,
            problem=problem_with(options, "k-means", {"n": n, **blobs}, k=k, init=init),
            solver=solver,
            most=most,
            starts=smaller(options, "starts"),
            seed=seed,
        )
        for init in centres.STARTS
        for solver, most in centres.METHODS.items()
    ]
    return planned + [
        measurement_of(centres.growth, problem=problem_with(options, "k-means", {"n": rows, **blobs}, k=k), rows=rows,
                       seed=start)
        for rows in smaller(options, "sizes")
        for start in range(seed, seed + centres.STARTS_BY_ROWS)
    ]  # fmt: skip


EXPERIMENT = Experiment("unsupervised", "unsupervised", __doc__ or "", problems, cells, 5, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """Who is first with principal components, the effect of the gap and of the step, and where k-means ends."""
    principal = [problem for problem in result.problems if problem.name == "pca"]
    whole = [problem for problem in principal if any(row.solver not in SWEPT for row in result.of(problem))]
    rates = result.measured("power")
    gaps = {run["problem"]: 1 - run["theory"] for run in rates if run["theory"] and run["theory"] < 1}
    swept = [row for problem in gaps for row in tight_rows(result, problem) if row.solver in SWEPT]
    verdicts = [quickest(problem, tolerance, rows) for problem, tolerance, rows in races(result, whole)]
    verdicts += filter(None, [*explained(result, whole), components.rates(rates), slower(gaps, swept)])
    verdicts += components.noise_floors(result.measured("oja"))
    figures: list[Figure] = []
    for problem in result.problems:
        rows, reference = tight_rows(result, problem), result.references.get(problem)
        if not rows or reference is None or (problem in principal and problem not in whole):
            continue
        if problem not in principal:
            verdicts.append(verdict(problem, rows, reference))
        if problem not in whole[:-1] or not result.options.get("quick"):
            figures.append(convergence_figure(problem, rows, reference))
    verdicts += centres.lowest(result.measured("ends"))
    verdicts += filter(None, [centres.larger(result.measured("growth"))])
    figures += pictures.figures(result, gaps, swept, SWEPT)
    return Answer(verdicts, figures, [comparison(result, whole), *pictures.tables(result)])


def tight_rows(result: Result, problem: Named) -> list[CellResult]:
    """The rows of a problem with the tight tolerance."""
    return [row for row in result.of(problem) if row.rule.tolerance == TIGHT]


def races(result: Result, whole: Sequence[Named]) -> list[tuple[Named, float, list[CellResult]]]:
    """The comparisons of all solvers: problem, tolerance, rows."""
    pairs = [(problem, tolerance) for problem in whole for tolerance in (LOOSE, TIGHT)]
    groups = [(p, t, [row for row in result.of(p) if row.rule.tolerance == t]) for p, t in pairs]
    return [group for group in groups if group[2]]


def quickest(problem: Named, tolerance: float, rows: Sequence[CellResult]) -> str:
    """The fastest solver of each kind, the fastest of all at the beginning."""
    able = contenders(rows)
    first = {kind: next((one for one in able if one.solver in solvers), None) for kind, solvers in KINDS.items()}
    arrived = sorted((one.seconds, kind, str(one.solver)) for kind, one in first.items() if one)
    none = [kind for kind, one in first.items() if one is None]
    if not arrived:
        return f"On {problem} no solver reached {tolerance:g}."
    least, kind, solver = arrived[0]
    text = f"On {problem} the first to reach {tolerance:g} is {solver} (one of the {kind}), in {duration(least)}."
    for seconds, kind, solver in arrived[1:]:
        text += f" The fastest of the {kind} is {solver}, with {ratio_text(seconds / least)} the time."
    return text + (f" None of the {' and none of the '.join(none)} reached it." if none else "")


def explained(result: Result, whole: Sequence[Named]) -> list[str]:
    """How much of the variance a run to the loose tolerance keeps."""
    sentences = []
    for problem in whole:
        rows = [row for row in result.of(problem) if row.solved]
        shares = [(row.typical.measures.get("explained", 0.0), row.rule.tolerance) for row in rows]
        best = max((share for share, _ in shares), default=0.0)
        loose = [share for share, tolerance in shares if tolerance == LOOSE]
        if loose and best > 0:
            sentences.append(
                f"On {problem} every run to {LOOSE:g} keeps at least {percent(min(loose) / best)} of the variance that "
                f"the best run keeps, which is {percent(best)} of the whole variance."
            )
    return sentences


def slower(gaps: Mapping[Named, float], swept: Sequence[CellResult]) -> str | None:
    """How the iterations grow as the gap between eigenvalues closes."""
    exponents = components.exponents(gaps, swept)
    if not exponents:
        return None
    grow = [f"gap^{p:.2f} for {solver}" for solver, p in exponents.items() if abs(p) > NO_GROWTH]
    flat = [str(solver) for solver, p in exponents.items() if abs(p) <= NO_GROWTH]
    text = "The gap is 1 - lambda_(k+1)/lambda_k."
    if grow:
        text += f" The iterations to {TIGHT:g} are proportional to {', '.join(grow)}."
    if flat:
        text += f" Those of {', '.join(flat)} do not depend on the gap."
    return f"{text} Theory for power iteration is gap^-1 where the gap is small."


def comparison(result: Result, whole: Sequence[Named]) -> ResultTable:
    """Time, passes and explained variance of all solvers to each tolerance."""
    rows = []
    for problem, tolerance, group in races(result, whole):
        for row in sorted(group, key=lambda row: row.merit):
            outcome = row.typical
            rows.append(
                (str(problem), tolerance, str(row.solver), str(row.status), row.seconds, outcome.iterations,
                 outcome.passes, outcome.measures.get("explained"))
            )  # fmt: skip
    columns = ("problem", "tolerance", "solver", "status", "seconds", "iterations", "passes", "explained")
    return ResultTable("Solvers for principal components", COMPARED, columns, rows)
