"""What do L1, L2 and ElasticNet do?

One regression with an ever larger weight t of the penalty, from nearly no penalty to one that leaves nothing:

    (1/2n) |X w + b - y|^2 + t (a |w|_1 + (1 - a)/2 |w|^2)      a = 1: L1, the lasso; 0: L2, ridge; between: ElasticNet

Measured against t, in units of the lasso's weight at which every coefficient is 0: the coefficients, which L1 sets to
0 one after the other and L2 only shrinks; how many of the columns with a nonzero hidden coefficient are found, and how
many other columns are selected by mistake; and the error on test rows. The weight is chosen by the error on other rows,
the validation rows, because an error is too low on the rows that chose the weight. Theory: the lasso predicts best with
more columns than the hidden model uses, so that the weight for the best prediction is not the weight for the best
selection.
Then two columns that are nearly equal and have the same hidden coefficient, called twins: L1 tends to select one, L2
shares the coefficient between them. All of these are solved to a duality gap of 1e-8. Last a comparison of solvers for
each penalty, to 1e-8.

Settings: data, a user's file or a bundled data set, and its target, instead of synthetic rows; of synthetic rows n and
d, training rows and columns, sparsity, correlation and noise; mix, the a of ElasticNet; twins, the correlation of the
two columns that are alike; seeds, how often synthetic rows are drawn, or other data split.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, MeasurementResult, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, SpecError, spec
from experiments.questions.held_out import source_of
from experiments.questions.regularisation.penalised import NAMES, PENALTIES, path, twin
from experiments.questions.regularisation.pictures import (
    Paths,
    best_index,
    best_share,
    figures,
    middle,
    mistakes,
    seconds_by_solver,
    summary,
)
from problems.foundation.checks import at_least, fraction

SETTINGS: dict[str, Any] = {
    "data": None, "target": None, "n": 80, "d": 40, "sparsity": 0.85, "correlation": 0.3, "noise": 1.5, "mix": 0.5,
    "twins": 0.98, "seeds": 9,
}  # fmt: skip
SOLVERS = (
    "coordinate-descent", "fista", "ista", "admm", "primal-dual", "saga", "lbfgs", "gradient-descent", "newton",
    "conjugate-gradient", "cholesky", "qr", "sklearn-elastic-net", "sklearn-ridge",
)  # fmt: skip
PROBLEMS = {"l1": "lasso", "l2": "ridge", "elastic-net": "elastic-net"}
TOLERANCE = 1e-8
MOST_DRAWN = 12  # coefficients that can be followed in one figure
TENTH = 0.1  # of the largest weight of the lasso


def weights(penalty: str, options: Options) -> list[float]:
    """The shares of the lasso's largest weight, ascending; ridge, which never reaches 0, has shares up to 100."""
    top = {"l1": 1.0, "l2": 100.0, "elastic-net": 1 / max(options.settings["mix"], 0.01)}[penalty]
    shares: list[float] = np.geomspace(1e-3, top, 13 if options.quick else 25).tolist()
    return [float(f"{share:.4g}") for share in shares]


def problems(options: Options) -> Sequence[Spec]:
    """The three penalties under the usual names of the problems."""
    data, target = options.settings["data"], options.settings["target"]
    given = {"n": 2000, "d": 200, "sparsity": 0.9, "seed": options.seed}
    if data is not None:
        given = {"data": data} | ({"target": target} if target else {})
    return [spec(name, **given) for name in PROBLEMS.values()]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every penalty; a solver that cannot take one is a row with the reason."""
    rule = Rule(tolerance=TOLERANCE, seconds=0.3 if options.quick else 3.0)
    return [Cell(problem, solver, options.seed, rule) for problem in problems(options) for solver in SOLVERS]


def measurements(options: Options) -> Sequence[Measurement]:
    """The path of each penalty on the rows of each seed, and of synthetic rows the twins too. Raises SpecError."""
    chosen = options.settings
    rows = {key: chosen[key] for key in ("data", "target", "n", "d", "sparsity", "correlation", "noise")}
    seeds = options.smaller("seeds", SETTINGS["seeds"], 5)
    try:
        fraction(mix=chosen["mix"], twins=chosen["twins"])
        at_least(1, seeds=seeds)
    except ValueError as error:
        raise SpecError(str(error)) from None
    if chosen["data"] is not None:
        source_of("linear-regression", chosen["data"], chosen["target"])
    plan: list[dict[str, Any]] = [
        {"penalty": penalty, "mix": chosen["mix"], "shares": weights(penalty, options), "seed": seed}
        for penalty in PENALTIES
        for seed in range(options.seed, options.seed + seeds)
    ]
    paths = [measurement_of(path, keep=MOST_DRAWN * (run["seed"] == options.seed), **run, **rows) for run in plan]
    if chosen["data"] is not None:
        return paths
    given = {"correlation": chosen["twins"], "n": chosen["n"], "noise": chosen["noise"]}
    return paths + [measurement_of(twin, **run, **given) for run in plan]


EXPERIMENT = Experiment("regularisation", "regularisation", __doc__ or "", problems, cells, 5, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """Which penalty predicts best, which finds the hidden columns, how twins share, and who solves which penalty."""
    paths, twins = by_penalty(result.measured("path")), by_penalty(result.measured("twin"))
    verdicts = [prediction(paths), selection(paths), sharing(twins)]
    for problem in result.problems:
        reference = result.references.get(problem)
        verdicts.append(verdict(problem, result.of(problem), reference) if reference else None)
    if not paths:
        reasons = [run.reason for run in result.measurements if not run.good]
        verdicts.insert(0, f"No path was measured{f': {reasons[0]}' if reasons else ''}.")
    tables = [summary(paths)] if paths else []
    return Answer(list(filter(None, verdicts)), figures(paths, twins), [*tables, seconds_by_solver(result)])


def by_penalty(runs: Sequence[MeasurementResult]) -> Paths:
    """The runs of each penalty that has any, one for each seed."""
    groups = {penalty: [run for run in runs if run["penalty"] == penalty] for penalty in PENALTIES}
    return {penalty: group for penalty, group in groups.items() if group}


def prediction(paths: Paths) -> str | None:
    """Which penalty has the lowest error on test rows, and on how many seeds."""
    if not paths:
        return None
    least = {penalty: middle(runs, "error")[best_index(runs)] for penalty, runs in paths.items()}
    first, *others = sorted(least, key=lambda penalty: least[penalty])
    errors = [
        f"{least[penalty]:.3g} with {NAMES[penalty]} (t = {best_share(paths[penalty]):.2g})"
        for penalty in (first, *others)
    ]
    free = median(run["free"] for run in paths[first])
    constant = median(run["constant"] for run in paths[first])
    text = (
        f"At the weight with the lowest error on validation rows, the mean squared error on test rows is "
        f"{', '.join(errors)}. It is "
        f"{free:.3g} without a penalty, and {constant:.3g} for the best constant answer."
    )
    if others:
        wins, seeds = wins_of(paths[first], paths[others[0]])
        text += f" {NAMES[first]} has a lower error than {NAMES[others[0]]} on {wins} of {seeds} seeds."
    return text


def wins_of(one: Sequence[MeasurementResult], other: Sequence[MeasurementResult]) -> tuple[int, int]:
    """On how many seeds the first has the lower error, each at its best weight, and of how many."""
    errors = [{run["seed"]: run["error"][best_index(runs)] for run in runs} for runs in (one, other)]
    both = errors[0].keys() & errors[1].keys()
    return sum(errors[0][seed] < errors[1][seed] for seed in both), len(both)


def selection(paths: Paths) -> str | None:
    """How many columns have a nonzero coefficient at the best weight, and how many rightly, where that is known."""
    parts = [selected(penalty, runs) for penalty, runs in paths.items()]
    if not parts:
        return None
    text = f"At the weight with the lowest error on validation rows, {'; '.join(parts)}."
    lasso = paths.get("l1", [])
    if not lasso or lasso[0]["used"] is None:
        return text
    wrong = mistakes(lasso)
    same = "also" if wrong[best_index(lasso)] <= min(wrong) else "not"
    return f"{text} With L1 the weight that predicts best is {same} the weight that selects best."


def selected(penalty: str, runs: Sequence[MeasurementResult]) -> str:
    """The columns that one penalty selects at its best weight."""
    k, columns, used = best_index(runs), runs[0]["columns"], runs[0]["used"]
    if used is None:
        return f"{NAMES[penalty]} selects {middle(runs, 'nonzero')[k]:.0f} of {columns} columns"
    wrong = mistakes(runs)
    found, mistaken = middle(runs, "found")[k], middle(runs, "mistaken")[k]
    text = f"{NAMES[penalty]} finds {found:.0f} of the {used} columns in use and selects {mistaken:.0f} others"
    if wrong[k] > min(wrong):
        best = runs[0]["shares"][wrong.index(min(wrong))]
        text += f" ({wrong[k]:.0f} mistakes; the fewest are {min(wrong):.0f}, at t = {best:.2g})"
    return text


def sharing(twins: Paths) -> str | None:
    """How much the coefficients of twins differ, at a tenth of the lasso's largest weight."""
    parts = []
    for penalty, runs in twins.items():
        shares = runs[0]["shares"]
        k = min(range(len(shares)), key=lambda k: abs(np.log(shares[k] / TENTH)))
        differences = [run["difference"][k] for run in runs if run["difference"][k] is not None]
        if differences:
            alone = sum(difference == 1 for difference in differences)
            text = f" (one of them is 0 on {alone} of {len(differences)} seeds)" if alone else ""
            parts.append(f"{median(differences):.2f} with {NAMES[penalty]}{text}")
    if not parts:
        return None
    correlation = next(iter(twins.values()))[0]["correlation"]
    return (
        f"Two columns with a correlation of {correlation:g} have the same hidden coefficient. At t = {TENTH:g} the "
        f"difference of their estimated coefficients, relative to their sum, is {', '.join(parts)}."
    )
