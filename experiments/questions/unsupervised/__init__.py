"""Closed form or gradient, without labels?

Two questions that need no target. Principal components have a closed form, an SVD or the eigenvectors of X'X, which
pays n d^2 once; power iteration, Oja's rule and every gradient method minimise the same f = |X - X V V'|^2 / 2n at
n d k an iterate, from the same start, and are raced to few digits and to many, on few columns and on many. Theory:
power iteration shrinks the angle by lambda_(k+1)/lambda_k an iterate, so that close eigenvalues cost it iterates like
the inverse of their gap; Oja's rule with a constant step settles at a noise floor, with falling steps it goes on.
k-means has no closed form and many minima: where Lloyd's algorithm, mini-batches, gradients and scikit-learn's end is
counted over starts, by k-means++ and at random, and Lloyd's time and f are set beside those of mini-batches as rows
become more.

Settings: n, d and k of the principal components, and ratios, a list of lambda_(k+1)/lambda_k; wide, the columns of
the wider problem; clusters and spread of k-means, starts, how many runs of each, and sizes, a list of numbers of rows;
or data, a bundled set or a file of your own, and target, its column to leave out: then k takes the place of ratios.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.figures.records import Figure, Table
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import contenders, duration, fold, percent, verdict
from experiments.lab.experiment import Answer, Experiment, Options, References, seeded
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, parse
from experiments.lab.workers.worker import problem_of
from experiments.questions.convergence import curves
from experiments.questions.unsupervised import centres, components

CLOSED = ("pca-svd", "pca-svd(method=covariance)", "sklearn-pca(solver=covariance_eigh)")
ITERATED = ("power-iteration", "oja", "sklearn-pca(solver=randomized)")
BY_GRADIENTS = (
    "gradient-descent",
    "gradient-descent(rule=barzilai-borwein)",
    "nesterov",
    "lbfgs",
    "newton-cg",
    "trust-region",
    "sgd",
    "svrg",
)
KINDS = {"closed forms": CLOSED, "iterations for eigenvectors": ITERATED, "gradient methods": BY_GRADIENTS}
SWEPT = ("pca-svd", "power-iteration", "gradient-descent", "nesterov", "lbfgs", "newton-cg")
CLUSTERING = (
    *("lloyd", "mini-batch-k-means", "gradient-descent", "gradient-descent(rule=barzilai-borwein)", "nesterov"),
    *("lbfgs", "newton", "sgd", "sklearn-k-means", "sklearn-mini-batch-k-means"),
)
TOLERANCES = (1e-2, 1e-6)
FLAT = 0.1  # a power below which nothing grows
SETTINGS: dict[str, Any] = {
    "n": 1000,
    "d": 50,
    "wide": 500,
    "k": 3,
    "ratios": [0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98],
    "clusters": 8,
    "spread": 0.2,
    "starts": 100,
    "sizes": [1000, 10000, 100000, 1000000],
    "data": None,
    "target": None,
}
QUICK: dict[str, Any] = {"wide": 300, "ratios": [0.3, 0.7, 0.9, 0.97], "starts": 20, "sizes": [1000, 10000, 100000]}
MOST = 5  # numbers of directions tried on a person's data
RACED = (
    "Medians; passes over the rows are unknown of peers. Explained: the share of the variance kept, where it ended; f "
    "is within the tolerance of the best."
)


def setting(options: Options, name: str) -> Any:
    """What was chosen; less of it where it must be quick and nothing else was asked."""
    given = options.settings[name]
    return QUICK[name] if options.quick and name in QUICK and given == SETTINGS[name] else given


def given(options: Options, name: str, **parameters: Any) -> str:
    """A problem on the person's own data, or on synthetic rows."""
    own = {"data": options.settings["data"], "target": options.settings["target"]}
    chosen = {key: value for key, value in own.items() if value is not None}
    return seeded(str(Spec(name, tuple({**chosen, **parameters}.items()))), options.seed)


def gapped(options: Options) -> list[str]:
    """Principal components with eigenvalues k and k + 1 ever closer; on a person's data of ever more directions."""
    if options.settings["data"]:
        k = options.settings["k"]
        shape = problem_of(given(options, "pca", k=1)).X.shape  # type: ignore[attr-defined]
        return [given(options, "pca", k=each) for each in sorted({*range(1, MOST), k}) if each < min(shape)]
    n, d, k = (options.settings[key] for key in ("n", "d", "k"))
    return [given(options, "pca", n=n, d=d, k=k, spectrum="step", ratio=ratio) for ratio in setting(options, "ratios")]


def raced(options: Options) -> list[str]:
    """The two that are raced to few digits and to many: few columns and many; of a person's data the one."""
    n, d, k = (options.settings[key] for key in ("n", "d", "k"))
    if options.settings["data"]:
        return [problem for problem in gapped(options) if parse(problem).get("k") == k]
    return [given(options, "pca", n=n, d=columns, k=k) for columns in (d, setting(options, "wide"))]


def apart(options: Options) -> str:
    """Clusters that everyone can be raced on."""
    if options.settings["data"]:
        return given(options, "k-means", k=options.settings["clusters"])
    return given(options, "k-means", n=options.settings["n"], d=10, k=3)


def problems(options: Options) -> Sequence[str]:
    """Principal components of every gap and width, and clusters."""
    return [*raced(options), *gapped(options), apart(options)]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Everyone on the raced ones to both tolerances, a few on every gap, and those of k-means on its clusters."""
    seconds = 0.3 if options.quick else 3.0
    loose, tight = (Rule(tolerance, seconds) for tolerance in TOLERANCES)
    everyone = [solver for kind in KINDS.values() for solver in kind]
    found = [Cell(p, s, options.seed, r) for p in raced(options) for r in (loose, tight) for s in everyone]
    found += [Cell(problem, solver, options.seed, tight) for problem in gapped(options) for solver in SWEPT]
    return [*found, *(Cell(apart(options), solver, options.seed, tight) for solver in CLUSTERING)]


def trials(options: Options) -> Sequence[Trial]:
    """Angles of power iteration, epochs of Oja's rule, ends of k-means and its times by rows."""
    seed, own = options.seed, options.settings["data"]
    found = [trial(components.power, problem=problem, seed=seed) for problem in gapped(options)]
    epochs = 100 if options.quick else 400
    if first := next(iter(raced(options)), None):
        runs = [(share, "constant") for share in components.SHARES] + [(1.0, each) for each in components.SCHEDULES]
        found += [
            trial(components.oja, problem=first, share=share, schedule=schedule, epochs=epochs, seed=seed)
            for share, schedule in runs
        ]
    k, spread, n = (options.settings[key] for key in ("clusters", "spread", "n"))
    for init in centres.STARTS:
        problem = given(options, "k-means", k=k, init=init, **({} if own else {"n": n, "spread": spread}))
        for solver, most in centres.METHODS.items():
            starts = setting(options, "starts")
            found.append(trial(centres.ends, problem=problem, solver=solver, most=most, starts=starts, seed=seed))
    for rows in setting(options, "sizes"):
        problem = given(options, "k-means", k=k, **({} if own else {"n": rows, "spread": spread}))
        found += [trial(centres.growth, problem=problem, rows=rows, seed=s) for s in range(seed, seed + 3)]
    return found


EXPERIMENT = Experiment("unsupervised", "unsupervised", __doc__ or "", problems, cells, 5, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """Who is first with principal components, what the eigenvalues' gap and the step do, and where k-means ends."""
    found = [problem for problem in result.problems if parse(problem).name == "pca"]
    whole = [p for p in found if any(row.solver not in SWEPT for row in result.of(p))]
    gaps = {r["problem"]: 1 - r["theory"] for r in result.read("power") if r["theory"] and r["theory"] < 1}
    swept = [row for p in gaps for row in result.of(p) if row.solver in SWEPT and row.rule.tolerance == min(TOLERANCES)]
    verdicts = [quickest(problem, tolerance, rows) for problem, tolerance, rows in races(result, whole)]
    verdicts += filter(None, [explained(result, whole), components.turned(result.read("power")), slower(gaps, swept)])
    verdicts += components.settled(result.read("oja"))
    shown: list[Figure] = []
    for problem in result.problems:
        rows = [row for row in result.of(problem) if row.rule.tolerance == min(TOLERANCES)]
        reference = result.references.get(problem)
        if not rows or reference is None or (problem in found and problem not in whole):
            continue
        if problem not in whole:
            verdicts.append(verdict(problem, rows, reference))
        if problem in (*whole[-1:], apart_of(result)) or not result.options.get("quick"):
            shown.append(curves(problem, rows, reference))
    verdicts += centres.lowest(result.read("ends"))
    verdicts += filter(None, [centres.larger(result.read("growth"))])
    shown += [*components.figures(result, gaps, swept, SWEPT), *centres.figures(result)]
    return Answer(verdicts, shown, [raced_table(result, whole), *components.tables(result), *centres.tables(result)])


def apart_of(result: Result) -> str | None:
    """The clusters that were raced on."""
    return next((problem for problem in result.problems if parse(problem).name == "k-means"), None)


def races(result: Result, whole: Sequence[str]) -> list[tuple[str, float, list[Row]]]:
    """The races of everyone: problem, tolerance, rows."""
    found = [(p, t, [row for row in result.of(p) if row.rule.tolerance == t]) for p in whole for t in TOLERANCES]
    return [each for each in found if each[2]]


def quickest(problem: str, tolerance: float, rows: Sequence[Row]) -> str:
    """The first of each kind, the first of all to begin with."""
    able = contenders(rows)
    first = {kind: next((each for each in able if each.solver in own), None) for kind, own in KINDS.items()}
    arrived = sorted(((each.seconds, kind, each.solver) for kind, each in first.items() if each))
    none = [kind for kind, each in first.items() if each is None]
    if not arrived:
        return f"On {problem} nobody reached {tolerance:g}."
    least, kind, solver = arrived[0]
    text = f"To {tolerance:g} on {problem} the first is {solver}, of the {kind}, in {duration(least)}"
    text += "".join(f"; of the {kind} {solver} takes {fold(s / least)} as long" for s, kind, solver in arrived[1:])
    return text + (f"; of the {' and '.join(none)} none arrived." if none else ".")


def explained(result: Result, whole: Sequence[str]) -> str | None:
    """What a loose tolerance costs in variance."""
    told = []
    for problem in whole:
        rows = [row for row in result.of(problem) if row.solved]
        kept = [(row.typical.measures.get("explained", 0.0), row.rule.tolerance) for row in rows]
        best = [share for share, _ in kept]
        loose = [share for share, tolerance in kept if tolerance == max(TOLERANCES)]
        if loose and max(best) > 0:
            told.append(f"{percent(min(loose) / max(best))} of the {max(best):.3g} that the best keep on {problem}")
    return f"A run to {max(TOLERANCES):g} keeps, of the variance, at least {'; '.join(told)}." if told else None


def slower(gaps: dict[str, float], swept: Sequence[Row]) -> str | None:
    """How the iterates grow as the gap between eigenvalues closes."""
    powers = components.rising(gaps, swept)
    if not powers:
        return None
    told = ", ".join(f"{solver} gap^{power:.2f}" for solver, power in powers.items() if abs(power) > FLAT)
    flat = ", ".join(solver for solver, power in powers.items() if abs(power) <= FLAT)
    text = f"As eigenvalues k and k + 1 draw together, iterates to {min(TOLERANCES):g} go by their gap like "
    text += f"{told or 'nothing'}{f', and not at all by {flat}' if flat else ''}"
    return f"{text}; theory gives power iteration gap^-1 where the gap is small."


def raced_table(result: Result, whole: Sequence[str]) -> Table:
    """Time, passes and explained variance of everyone to each tolerance."""
    rows = [
        (
            problem,
            tolerance,
            row.solver,
            row.status,
            row.seconds,
            out.iterations,
            out.passes,
            out.measures.get("explained"),
        )
        for problem, tolerance, own in races(result, whole)
        for row in sorted(own, key=lambda row: row.merit)
        for out in [row.typical]
    ]
    columns = ("problem", "tolerance", "solver", "status", "seconds", "iterates", "passes", "explained")
    return Table("Principal components, raced", RACED, columns, rows)
