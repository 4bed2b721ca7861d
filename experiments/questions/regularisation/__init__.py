"""What do L1, L2 and ElasticNet do?

One regression, its penalty made ever heavier, from next to nothing to where nothing is left:

    (1/2n) |X w + b - y|^2 + t (a |w|_1 + (1 - a)/2 |w|^2)      a = 1: L1, the lasso; 0: L2, ridge; between: ElasticNet

Measured against the weight t, in units of the lasso's weight at which every coefficient is 0: the coefficients, which
L1 sends to 0 one after the other and L2 only shrinks; how many of the columns that the hidden coefficients use are
found, and how many others are taken for one of them; and the error on rows held out. Theory expects the lasso to
predict best with more columns than are used, so that the best predictor is not the best detector.
Then twins, two columns that are nearly copies and matter alike: L1 tends to choose one, L2 shares. All of these are
solved to a duality gap of 1e-8. Last a race: which solver for which penalty, to 1e-8.

Settings: data, a file of your own or a bundled set, and its target, instead of drawn rows; of those n and d, rows to
learn from and columns, sparsity, correlation and noise; mix, the a of ElasticNet; twins, how alike they are; seeds, how
often rows are drawn, or split where they are your own.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import numpy as np

from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Read, Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, SpecError
from experiments.questions.regularisation.penalised import PENALTIES, WORD, path, twin
from experiments.questions.regularisation.pictures import (
    Paths,
    best_at,
    figures,
    middle,
    mistakes,
    raced,
    share_at,
    summary,
)
from problems.foundation.checks import fraction

SETTINGS = {
    "data": None, "target": None, "n": 80, "d": 40, "sparsity": 0.85, "correlation": 0.3, "noise": 1.5, "mix": 0.5,
    "twins": 0.98, "seeds": 9,
}  # fmt: skip
SOLVERS = (
    "coordinate-descent", "fista", "ista", "admm", "primal-dual", "saga", "lbfgs", "gradient-descent", "newton",
    "conjugate-gradient", "cholesky", "qr", "sklearn-elastic-net", "sklearn-ridge",
)  # fmt: skip
PROBLEM = {"l1": "lasso", "l2": "ridge", "elastic-net": "elastic-net"}
ARRIVED = 1e-8
DRAWN = 12  # coefficients that an eye can follow
TENTH = 0.1  # of the lasso's heaviest weight


def weights(penalty: str, options: Options) -> list[float]:
    """The shares to try, ascending; ridge needs a hundred times the lasso's, for it never gets to 0."""
    top = {"l1": 1.0, "l2": 100.0, "elastic-net": 1 / max(options.settings["mix"], 0.01)}[penalty]
    found: list[float] = np.geomspace(1e-3, top, 13 if options.quick else 25).tolist()
    return [float(f"{share:.4g}") for share in found]


def problems(options: Options) -> Sequence[str]:
    """The three penalties under the names that they go by."""
    data, target = options.settings["data"], options.settings["target"]
    if data is None:
        given = [("n", 2000), ("d", 200), ("sparsity", 0.9), ("seed", options.seed)]
    else:
        given = [("data", data), *([("target", target)] if target else [])]
    return [str(Spec(name, tuple(given))) for name in PROBLEM.values()]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every solver on every penalty; those that cannot take one are rows with the reason."""
    rule = Rule(tolerance=ARRIVED, seconds=0.3 if options.quick else 3.0)
    return [Cell(problem, solver, options.seed, rule) for problem in problems(options) for solver in SOLVERS]


def trials(options: Options) -> Sequence[Trial]:
    """The path of each penalty on each seed's rows, and what each makes of twins."""
    keys = ("data", "target", "n", "d", "sparsity", "correlation", "noise")
    rows = {key: options.settings[key] for key in keys}
    mix, alike, seeds = (options.settings[key] for key in ("mix", "twins", "seeds"))
    try:
        fraction(mix=mix, twins=alike)
    except ValueError as refused:
        raise SpecError(str(refused)) from None
    if seeds < 1:
        raise SpecError(f"seeds is {seeds}; at least one is needed")
    each = [
        (penalty, weights(penalty, options), seed)
        for penalty in PENALTIES
        for seed in range(options.seed, options.seed + (min(seeds, 5) if options.quick else seeds))
    ]
    asked = [
        trial(path, penalty=p, mix=mix, shares=shares, seed=seed, keep=DRAWN * (seed == options.seed), **rows)
        for p, shares, seed in each
    ]
    if rows["data"] is None:
        alone = {"alike": alike, "n": rows["n"], "noise": rows["noise"]}
        asked += [trial(twin, penalty=p, mix=mix, shares=shares, seed=seed, **alone) for p, shares, seed in each]
    return asked


EXPERIMENT = Experiment("regularisation", "regularisation", __doc__ or "", problems, cells, 5, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """What predicts best, what finds the hidden columns, what becomes of twins, and who solves which penalty."""
    paths, pairs = by_penalty(result.read("path")), by_penalty(result.read("twin"))
    verdicts = [predicts(paths), detects(paths), chooses(pairs)]
    for problem in result.problems:
        reference = result.references.get(problem)
        verdicts.append(verdict(problem, result.of(problem), reference) if reference else None)
    if not paths:
        reasons = [read.reading.reason for read in result.reads if not read.good]
        verdicts.insert(0, f"No path was measured{f': {reasons[0]}' if reasons else ''}.")
    tables = [summary(paths)] if paths else []
    return Answer(list(filter(None, verdicts)), figures(paths, pairs), [*tables, raced(result)])


def by_penalty(reads: Sequence[Read]) -> Paths:
    """A reading a seed for each penalty that has any."""
    every = {penalty: [read for read in reads if read["penalty"] == penalty] for penalty in PENALTIES}
    return {penalty: own for penalty, own in every.items() if own}


def predicts(paths: Paths) -> str | None:
    """Whose error on rows held out is least, and how often by seeds."""
    if not paths:
        return None
    least = {penalty: min(middle(reads, "error")) for penalty, reads in paths.items()}
    first, *others = sorted(least, key=lambda penalty: least[penalty])
    each = [f"{least[one]:.3g} by {WORD[one]} (t = {share_at(paths[one]):.2g})" for one in (first, *others)]
    free = median(read["free"] for read in paths[first])
    constant = median(read["constant"] for read in paths[first])
    told = f"On rows held out the mean squared error is {', '.join(each)}, each at its best weight"
    told += f"; without a penalty it is {free:.3g}, and {constant:.3g} for one and the same answer everywhere."
    if others:
        wins, seeds = beaten(paths[first], paths[others[0]])
        told += f" {WORD[first]} is better than {WORD[others[0]]} on {wins} of {seeds} seeds."
    return told


def beaten(one: Sequence[Read], other: Sequence[Read]) -> tuple[int, int]:
    """On how many seeds the first has the lower error, each at its best weight, and of how many."""
    errors = [{read["seed"]: read["error"][best_at(reads)] for read in reads} for reads in (one, other)]
    both = errors[0].keys() & errors[1].keys()
    return sum(errors[0][seed] < errors[1][seed] for seed in both), len(both)


def detects(paths: Paths) -> str | None:
    """How many columns are kept at the best weight, and how many of them rightly, where that is known."""
    parts = []
    for penalty, reads in paths.items():
        k, columns = best_at(reads), reads[0]["columns"]
        if reads[0]["used"] is None:
            parts.append(f"{WORD[penalty]} keeps {middle(reads, 'nonzero')[k]:.0f} of {columns} columns")
            continue
        used, wrong = reads[0]["used"], mistakes(reads)
        found, false = middle(reads, "found")[k], middle(reads, "mistaken")[k]
        told = f"{WORD[penalty]} finds {found:.0f} of the {used} columns in use and takes {false:.0f} others for one"
        if wrong[k] > min(wrong):
            lightest = reads[0]["shares"][wrong.index(min(wrong))]
            told += f" ({min(wrong):.0f} mistakes in all, not {wrong[k]:.0f}, at t = {lightest:.2g})"
        parts.append(told)
    if not parts:
        return None
    text = f"Where it predicts best {'; '.join(parts)}"
    lasso = paths.get("l1", [])
    if not lasso or lasso[0]["used"] is None:
        return f"{text}."
    wrong = mistakes(lasso)
    same = wrong[best_at(lasso)] <= min(wrong)
    return f"{text}. For L1 the best predictor is {'also' if same else 'not'} the best detector."


def chooses(pairs: Paths) -> str | None:
    """How unlike the coefficients of twins are, at a tenth of the heaviest weight."""
    parts = []
    for penalty, reads in pairs.items():
        shares = reads[0]["shares"]
        k = min(range(len(shares)), key=lambda k: abs(np.log(shares[k] / TENTH)))
        apart = [read["apart"][k] for read in reads if read["apart"][k] is not None]
        if apart:
            alone = sum(each == 1 for each in apart)
            told = f", one left out on {alone} of {len(apart)} seeds" if alone else ""
            parts.append(f"{median(apart):.2f} with {WORD[penalty]}{told}")
    if not parts:
        return None
    alike = next(iter(pairs.values()))[0]["alike"]
    return (
        f"Of two columns of correlation {alike:g} that matter alike the coefficients differ, as a share of their sum "
        f"and at t = {TENTH:g}, by {'; '.join(parts)}."
    )
