"""Squared or absolute, when there are outliers?

Rows of a hidden theta with normal noise, a share of which is then moved far up or down; theta is estimated by the
squared loss, Huber's and the absolute one, each minimised to a proven gap of 1e-8, and the error is |theta - hidden|.
Theory expects squares to be best without outliers, where the absolute loss errs sqrt(pi/2) = 1.25 times as much, and to
be moved by every outlier in proportion to how far it lies, which the absolute loss is not, and Huber's only as if it
lay at delta. The quantile loss of 0.5 is half the absolute one, so that both estimate the same. The same is then asked
of noise whose tails are heavy: Student's distribution, of ever fewer degrees of freedom. What robustness costs is who
may solve it: every solver of the catalogue is asked whether it takes each loss, and some then race to 1e-6.

Settings: n and d, rows and columns; condition and noise, of the rows; shift, how far outliers are moved; delta, where
Huber's loss becomes a line; seeds, how often rows are drawn.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import mean

from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Trial, trial
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import SpecError
from experiments.questions.losses.pictures import Estimates, Takes, errors, figures, middle, solvers_by_loss
from experiments.questions.losses.robust import HALF, LOSSES, WORD, allowed, estimate, named
from problems.foundation.checks import positive

SETTINGS = {"n": 200, "d": 10, "condition": 10.0, "noise": 1.0, "shift": 20.0, "delta": 1.345, "seeds": 25}
SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
DEGREES = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
QUICK = ((0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5), (1.0, 2.0, 5.0, 30.0))
FEW = 3  # seeds that are enough to see that two losses are one
ARRIVED = 1e-6
SOLVERS = (
    "qr", "cholesky", "conjugate-gradient", "newton", "lbfgs", "gradient-descent", "coordinate-descent", "fista",
    "saga", "sgd", "admm", "primal-dual", "scipy-minimize", "scipy-linprog-model", "sklearn-quantile",
)  # fmt: skip
LITTLE, MUCH = 0.0, 0.1  # the shares of outliers that are told of


def problems(options: Options) -> Sequence[str]:
    """One regression with outliers under each loss."""
    rows = f"n=1000, d=20, condition=10, noise=1, outliers={MUCH:g}, shift=20, seed={options.seed}"
    return [f"linear-regression(loss={loss}, {rows})" for loss in LOSSES]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Every contestant on every loss; those that refuse one are rows with the reason."""
    rule = Rule(tolerance=ARRIVED, seconds=0.3 if options.quick else 3.0)
    return [Cell(problem, solver, options.seed, rule) for problem in problems(options) for solver in SOLVERS]


def trials(options: Options) -> Sequence[Trial]:
    """An estimate by each loss on each seed's rows; and for each loss who takes it."""
    rows = {key: value for key, value in options.settings.items() if key != "seeds"}
    seeds = options.settings["seeds"]
    try:
        positive(**{key: rows[key] for key in ("condition", "noise", "shift", "delta")})
    except ValueError as refused:
        raise SpecError(str(refused)) from None
    if seeds < 1 or rows["d"] < 1 or rows["n"] <= 2 * rows["d"]:
        raise SpecError("seeds and d are at least 1, and n is more than twice d")
    shares, degrees = map(list, QUICK if options.quick else (SHARES, DEGREES))
    asked = [
        trial(estimate, loss=loss, shares=shares, degrees=degrees, seed=seed, **rows)
        for loss in (*LOSSES, HALF)
        for seed in range(options.seed, options.seed + (min(seeds, FEW) if loss == HALF else seeds))
    ]
    return asked + [trial(allowed, loss=loss, known=named()) for loss in LOSSES]


EXPERIMENT = Experiment("losses", "losses", __doc__ or "", problems, cells, 5, trials, SETTINGS)


def answer(result: Result) -> Answer:
    """Who errs least without outliers and with, from which share on; and what robustness costs in solvers."""
    every = result.read("estimate")
    by = {loss: own for loss in (*LOSSES, HALF) if (own := [read for read in every if read["loss"] == loss])}
    takes = {read["loss"]: dict(zip(read["known"], read["reasons"], strict=True)) for read in result.read("allowed")}
    verdicts = [without(by), crossing(by), tails(by), halved(by), who(takes)]
    for problem in result.problems:
        reference = result.references.get(problem)
        verdicts.append(verdict(problem, result.of(problem), reference) if reference else None)
    if not every:
        verdicts.insert(0, "No estimate was made.")
    tables = [errors(by)] if by else []
    return Answer(list(filter(None, verdicts)), figures(by, takes), [*tables, solvers_by_loss(result, takes)])


def at_share(by: Estimates, share: float) -> dict[str, float]:
    """The root mean square, over seeds, of the error of each loss at that share of outliers; theory tells of that."""
    return {
        loss: math.sqrt(mean(read["error"][list(read["shares"]).index(share)] ** 2 for read in reads))
        for loss, reads in by.items()
        if loss != HALF
    }


def without(by: Estimates) -> str | None:
    """Who errs least where there are no outliers, and by how much the others err more."""
    clean = at_share(by, LITTLE)
    if not clean:
        return None
    best = min(clean, key=lambda loss: clean[loss])
    others = [f"{WORD[loss]} {clean[loss] / clean[best]:.2f} times as much" for loss in clean if loss != best]
    told = f"Without outliers {WORD[best]} errs least, by {clean[best]:.3g} in the root mean square over seeds"
    known = f" (theory: the absolute loss {math.sqrt(math.pi / 2):.2f})" if best == "squared" else ""
    return f"{told}{'; ' if others else ''}{', '.join(others)}{known}."


def crossing(by: Estimates) -> str | None:
    """What a tenth of outliers does, and from which share on squares err more than the absolute loss."""
    much, clean = at_share(by, MUCH), at_share(by, LITTLE)
    if not much:
        return None
    grown = [f"{much[loss]:.3g} by {WORD[loss]}, {much[loss] / clean[loss]:.1f} times what it was" for loss in much]
    told = f"With {MUCH:.0%} of the rows moved the error is {'; '.join(grown)}"
    if not {"squared", "absolute"} <= by.keys():
        return f"{told}."
    shares = by["squared"][0]["shares"]
    pairs = zip(shares, middle(by["squared"], "error"), middle(by["absolute"], "error"), strict=True)
    later = [share for share, squares, lines in pairs if squares > lines]
    return f"{told}; squares err more than the absolute loss {f'from {min(later):.0%} on' if later else 'at no share'}."


def tails(by: Estimates) -> str | None:
    """From how many degrees of freedom on squares err least."""
    if not {"squared", "absolute"} <= by.keys():
        return None
    squares, lines = middle(by["squared"], "heavy"), middle(by["absolute"], "heavy")
    degrees = by["squared"][0]["degrees"]
    worse = [freedom for freedom, a, b in zip(degrees, squares, lines, strict=True) if a > b]
    tried = f"of {', '.join(f'{each:g}' for each in degrees)} degrees"
    where = f"up to {max(worse):g} {tried}" if worse else f"at none {tried}"
    return (
        f"With Student's noise of {degrees[0]:g} degree of freedom squares err {squares[0]:.3g} and the absolute loss "
        f"{lines[0]:.3g}, by the medians; squares err more {where}."
    )


def halved(by: Estimates) -> str | None:
    """Whether the median and the absolute loss estimate the same."""
    pairs = {read["seed"]: read["error"] for read in by.get(HALF, [])}
    apart = [
        abs(one - other)
        for read in by.get("absolute", [])
        if read["seed"] in pairs
        for one, other in zip(read["error"], pairs[read["seed"]], strict=True)
    ]
    if not apart:
        return None
    same = "estimate the same" if max(apart) < 1e-6 else "do not estimate the same"
    much = f"differ by up to {max(apart):.1g}" if max(apart) else "agree to the last digit"
    return f"The quantile loss of 0.5 and the absolute one {same}: their errors {much}."


def who(takes: Takes) -> str | None:
    """How many solvers take each loss, and the reason most often given."""
    if not takes:
        return None
    counts = [f"{WORD[loss]} is taken by {sum(not each for each in told.values())}" for loss, told in takes.items()]
    text = f"Of {max(map(len, takes.values()))} solvers {', '.join(counts)}"
    first, last = takes.get("squared", {}), takes.get("absolute", {})
    lost = Counter(last[name].partition(": ")[2] or last[name] for name in first if not first[name] and last.get(name))
    if not lost:
        return f"{text}."
    reason, times = lost.most_common(1)[0]
    return f"{text}; of the {lost.total()} that squares have and the absolute loss has not, {times} say: {reason}."
