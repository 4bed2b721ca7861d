"""Squared or absolute, when there are outliers?

Rows of a hidden linear model with normal noise; the targets of a share of them are then moved far up or down. theta is
estimated with the squared loss, Huber's loss and the absolute loss, each minimised to a proven gap of 1e-8. The error
is |theta - hidden|. Theory: without outliers the squared loss is best, and the error of the absolute loss is sqrt(pi/2)
= 1.25 times as large. An outlier changes the estimate of the squared loss in proportion to its distance; that of the
absolute loss hardly depends on the distance; for Huber's loss an outlier counts as if its residual were delta. The
quantile loss of 0.5 is half the absolute loss, so that both give the same estimate. The same is measured with noise
that has heavy tails: Student's distribution with fewer and fewer degrees of freedom. A robust loss is accepted by fewer
solvers: for every solver of the catalogue it is found whether it accepts each loss, and some are then compared to 1e-6.

Settings: n and d, rows and columns; condition and noise, of the rows; shift, how far outliers are moved; delta, the
residual beyond which Huber's loss is a line; seeds, how often rows are drawn.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from statistics import mean
from typing import Any

import solvers
from experiments.lab.analysis.results import Result
from experiments.lab.analysis.verdict import verdict
from experiments.lab.experiment import Answer, Experiment, Options, References
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, SpecError, spec
from experiments.questions.losses.pictures import (
    Acceptance,
    Answers,
    Estimates,
    errors_by_share,
    figures,
    middle,
    solvers_by_loss,
)
from experiments.questions.losses.robust import LOSSES, MEDIAN, NAMES, acceptance, estimate
from problems.foundation.checks import at_least, positive

SETTINGS: dict[str, Any] = {
    "n": 200, "d": 10, "condition": 10.0, "noise": 1.0, "shift": 20.0, "delta": 1.345, "seeds": 25,
}  # fmt: skip
SHARES = (0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
DEGREES = (1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
QUICK_SHARES, QUICK_DEGREES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5), (1.0, 2.0, 5.0, 30.0)
SEEDS_OF_MEDIAN = 3  # enough to see that the estimates of two losses are the same
SAME = 1e-6  # difference of two errors up to which two estimates are the same
TOLERANCE = 1e-6
SOLVERS = (
    "qr", "cholesky", "conjugate-gradient", "newton", "lbfgs", "gradient-descent", "coordinate-descent", "fista",
    "saga", "sgd", "admm", "primal-dual", "scipy-minimize", "scipy-linprog-model", "sklearn-quantile",
)  # fmt: skip
NONE, TENTH = 0.0, 0.1  # the shares of outliers that sentences report


def problems(options: Options) -> Sequence[Spec]:
    """The same regression with outliers under each loss."""
    rows = {"n": 1000, "d": 20, "condition": 10, "noise": 1, "outliers": TENTH, "shift": 20, "seed": options.seed}
    return [spec("linear-regression", loss=loss, **rows) for loss in LOSSES]


def cells(options: Options, references: References) -> Sequence[Cell]:
    """Each of the solvers on every loss; a solver that refuses one is a row with the reason."""
    rule = Rule(tolerance=TOLERANCE, seconds=0.3 if options.quick else 3.0)
    return [Cell(problem, solver, options.seed, rule) for problem in problems(options) for solver in SOLVERS]


def measurements(options: Options) -> Sequence[Measurement]:
    """The estimate of each loss on the rows of each seed, and which solvers accept each loss. Raises SpecError."""
    rows = {**SETTINGS, **options.settings}
    seeds = rows.pop("seeds")
    try:
        positive(**{key: rows[key] for key in ("condition", "noise", "shift", "delta")})
        at_least(1, seeds=seeds, d=rows["d"])
    except ValueError as error:
        raise SpecError(str(error)) from None
    if rows["n"] <= 2 * rows["d"]:
        raise SpecError(f"n is {rows['n']} and d is {rows['d']}; n must be more than twice d")
    shares, degrees = (QUICK_SHARES, QUICK_DEGREES) if options.quick else (SHARES, DEGREES)
    counts = dict.fromkeys(LOSSES, seeds) | {MEDIAN: min(seeds, SEEDS_OF_MEDIAN)}
    estimates = [
        measurement_of(estimate, loss=loss, shares=shares, degrees=degrees, seed=seed, **rows)
        for loss, count in counts.items()
        for seed in range(options.seed, options.seed + count)
    ]
    return estimates + [measurement_of(acceptance, loss=loss, solvers=tuple(solvers.TABLE)) for loss in LOSSES]


EXPERIMENT = Experiment("losses", "losses", __doc__ or "", problems, cells, 5, measurements, SETTINGS)


def answer(result: Result) -> Answer:
    """Which loss has the least error without outliers and with them, and which solvers accept it."""
    runs = result.measured("estimate")
    by_loss = {loss: group for loss in (*LOSSES, MEDIAN) if (group := [run for run in runs if run["loss"] == loss])}
    accepted: Answers = {
        run["loss"]: {
            Spec(name): Acceptance(objection, lacking)
            for name, objection, lacking in zip(run["solvers"], run["objections"], run["lacking"], strict=True)
        }
        for run in result.measured("acceptance")
    }
    verdicts = [without_outliers(by_loss), with_outliers(by_loss), heavy_tails(by_loss), medians(by_loss)]
    verdicts.append(accepting(accepted))
    for problem in result.problems:
        reference = result.references.get(problem)
        verdicts.append(verdict(problem, result.of(problem), reference) if reference else None)
    if not runs:
        verdicts.insert(0, "No estimate was made.")
    tables = [errors_by_share(by_loss)] if by_loss else []
    return Answer(
        list(filter(None, verdicts)), figures(by_loss, accepted), [*tables, solvers_by_loss(result, accepted)]
    )


def errors_at(by_loss: Estimates, share: float) -> dict[str, float]:
    """The root mean square over seeds of the error of each loss at that share of outliers, as in the theory."""
    return {
        loss: math.sqrt(mean(run["error"][list(run["shares"]).index(share)] ** 2 for run in runs))
        for loss, runs in by_loss.items()
        if loss != MEDIAN
    }


def without_outliers(by_loss: Estimates) -> str | None:
    """Which loss has the least error without outliers, and how much larger the errors of the others are."""
    errors = errors_at(by_loss, NONE)
    if not errors:
        return None
    best = min(errors, key=lambda loss: errors[loss])
    text = f"Without outliers {NAMES[best]} has the least error, {errors[best]:.3g} (root mean square over seeds)"
    others = [f"{errors[loss] / errors[best]:.2f} times as large with {NAMES[loss]}" for loss in errors if loss != best]
    if not others:
        return f"{text}."
    known = f" (theory for the absolute loss: {math.sqrt(math.pi / 2):.2f})" if best == "squared" else ""
    return f"{text}. The error is {' and '.join(others)}{known}."


def with_outliers(by_loss: Estimates) -> str | None:
    """The effect of a tenth of outliers, and from which share on the squared loss is worse than the absolute loss."""
    many, none = errors_at(by_loss, TENTH), errors_at(by_loss, NONE)
    if not many:
        return None
    parts = [f"{many[loss]:.3g} with {NAMES[loss]} ({many[loss] / none[loss]:.1f} times as large)" for loss in many]
    text = f"With {TENTH:.0%} of outliers the error is {', '.join(parts)}."
    if not {"squared", "absolute"} <= by_loss.keys():
        return text
    shares = by_loss["squared"][0]["shares"]
    pairs = zip(shares, middle(by_loss["squared"], "error"), middle(by_loss["absolute"], "error"), strict=True)
    worse = [share for share, squared, absolute in pairs if squared > absolute]
    where = f"from a share of {min(worse):.0%} on" if worse else "at no share"
    return f"{text} The error of the squared loss is larger than that of the absolute loss {where}."


def heavy_tails(by_loss: Estimates) -> str | None:
    """Up to how many degrees of freedom the squared loss is worse than the absolute loss."""
    if not {"squared", "absolute"} <= by_loss.keys():
        return None
    squared, absolute = middle(by_loss["squared"], "tail_error"), middle(by_loss["absolute"], "tail_error")
    degrees = by_loss["squared"][0]["degrees"]
    worse = [freedom for freedom, a, b in zip(degrees, squared, absolute, strict=True) if a > b]
    where = f"up to {max(worse):g} degrees" if worse else "at none of these degrees"
    tried = ", ".join(f"{freedom:g}" for freedom in degrees)
    return (
        f"With Student's noise of {degrees[0]:g} degree of freedom the median error is {squared[0]:.3g} with the "
        f"squared loss and {absolute[0]:.3g} with the absolute loss. Of {tried} degrees of freedom the error of the "
        f"squared loss is larger {where}."
    )


def medians(by_loss: Estimates) -> str | None:
    """Whether the quantile loss of 0.5 and the absolute loss give the same estimate."""
    errors = {run["seed"]: run["error"] for run in by_loss.get(MEDIAN, [])}
    differences = [
        abs(one - other)
        for run in by_loss.get("absolute", [])
        if run["seed"] in errors
        for one, other in zip(run["error"], errors[run["seed"]], strict=True)
    ]
    if not differences:
        return None
    same = "the same estimate" if max(differences) < SAME else "different estimates"
    apart = f"differ by up to {max(differences):.1g}" if max(differences) else "are equal to the last digit"
    return f"The quantile loss of 0.5 and the absolute loss give {same}: their errors {apart}."


def accepting(accepted: Answers) -> str | None:
    """How many solvers accept each loss, and the reason that is given most often."""
    if not accepted:
        return None
    counts = [
        f"{sum(not answer.objection for answer in by_solver.values())} accept {NAMES[loss]}"
        for loss, by_solver in accepted.items()
    ]
    text = f"Of {max(map(len, accepted.values()))} solvers {', '.join(counts)}."
    squared, absolute = accepted.get("squared", {}), accepted.get("absolute", {})
    reasons = Counter(
        absolute[solver].lacking or absolute[solver].objection
        for solver, answer in squared.items()
        if not answer.objection and solver in absolute and absolute[solver].objection
    )
    if not reasons:
        return text
    reason, times = reasons.most_common(1)[0]
    return (
        f"{text} Of the {reasons.total()} that accept the squared loss and refuse the absolute loss, {times} give the "
        f"same reason: {reason}."
    )
