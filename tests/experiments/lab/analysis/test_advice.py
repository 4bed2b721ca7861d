"""Advice follows from traits, step and cause: change one of them, and the advice changes."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.lab.analysis.advice import advice
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.analysis.why import why
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Cause, Outcome, Status
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import parse, spec
from solvers.base import Basis, Rate, Trait
from solvers.base.spectrum import Spectrum

P = spec("p")
KNOWN = Reference(0.0, 0.0, 2, spectrum=Spectrum(np.array([0.1, 2.0]), 2.0))  # 2/L = 1: a step is its own ratio
FIXED, STOCHASTIC = (str(Trait.FIXED_STEP),), (str(Trait.STOCHASTIC),)


def row(
    solver: str, status: Status, cause: Cause = Cause.NONE, traits: tuple[str, ...] = (), **more: object
) -> CellResult:
    outcome = Outcome(status, "", cause, traits=traits, **more)  # type: ignore[arg-type]
    return CellResult(P, parse(solver), 0, Rule(), [outcome])


@pytest.mark.parametrize(
    ("solver", "status", "cause", "traits", "words"),
    [
        ("gradient-descent(step=3)", Status.BUDGET, Cause.USED_UP, FIXED, "Lower the step"),
        ("gradient-descent(step=0.01)", Status.BUDGET, Cause.USED_UP, FIXED, "Raise the step"),
        ("gradient-descent(step=0.7)", Status.BUDGET, Cause.USED_UP, FIXED, "Allow more time"),
        ("gradient-descent", Status.BUDGET, Cause.USED_UP, FIXED, "Allow more time"),
        ("lbfgs", Status.BUDGET, Cause.USED_UP, (), "Allow more time"),
        (
            "gradient-descent(step=3)",
            Status.DIVERGED,
            Cause.ROSE,
            FIXED,
            "Lower the step: a fixed one must stay below 2/L",
        ),
        ("sgd(step=3)", Status.DIVERGED, Cause.ROSE, STOCHASTIC, "its noise"),
        ("jacobi", Status.DIVERGED, Cause.ROSE, (), "choose another"),
        ("sgd(step=0.1)", Status.STALLED, Cause.NO_PROGRESS, STOCHASTIC, "noise floor"),
        ("gradient-descent(step=1.0)", Status.STALLED, Cause.NO_PROGRESS, FIXED, "oscillates"),
        ("bfgs", Status.STALLED, Cause.ENDED, (), "local"),
        ("admm", Status.STALLED, Cause.NO_PROGRESS, (), "Choose another method"),
        ("newton", Status.SEPARABLE, Cause.NONE, (), "Add a penalty"),
        ("newton", Status.OOM, Cause.NONE, (), "forms no matrix"),
        ("newton", Status.TIMEOUT, Cause.NONE, (), "deadline"),
        ("newton", Status.CRASHED, Cause.NONE, (), "native code"),
        ("newton", Status.FAILED, Cause.ERROR, (), "dependent columns"),
    ],
)
def test_advice(solver: str, status: Status, cause: Cause, traits: tuple[str, ...], words: str) -> None:
    assert words in advice(row(solver, status, cause, traits), KNOWN)


def test_without_a_known_curvature_no_step_is_called_too_high_or_too_low() -> None:
    for step in (0.001, 1000.0):
        text = advice(row(f"gradient-descent(step={step})", Status.BUDGET, Cause.USED_UP, FIXED), None)
        assert "step" not in text


def solved(solver: str, seconds: float, iterations: int, rate: Rate | None = None) -> CellResult:
    return row(solver, Status.SOLVED, seconds=seconds, iterations=iterations, predicted=rate)


def explained(*rows: CellResult) -> list[str]:
    result = Result("r", "convergence", "q", rows, {P: KNOWN}, {}, "")
    return [why(one, result) for one in rows]


def test_a_loser_s_time_iterations_and_cost_are_multiples_of_the_winner_s() -> None:
    winner, loser = solved("newton", 2.0, 10), solved("lbfgs", 6.0, 40)
    for ordered in ((winner, loser), (loser, winner)):
        by_solver = {str(one.solver): text for one, text in zip(ordered, explained(*ordered), strict=True)}
        assert by_solver["newton"] == ""
        assert by_solver["lbfgs"] == (
            "3x the time of newton: 4x the iterations, 40 against 10, at 0.75x the cost of each."
        )


def test_one_step_methods_are_compared_by_the_cost_of_their_step() -> None:
    assert (
        explained(solved("newton", 2.0, 10), solved("qr", 6.0, 1))[1]
        == "3x the time of newton: its one step takes 6 s."
    )
    many = explained(solved("qr", 2.0, 1), solved("lbfgs", 6.0, 40))[1]
    assert many == "3x the time of qr: 40 iterations of 150 ms each against one step of 2 s."


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        (Basis.CONDITION, "theory gives a factor of 0.9 per iteration, for the condition number 20"),
        (Basis.SPLITTING, "theory gives a factor of 0.9 per iteration, the spectral radius of its splitting"),
        (Basis.EIGENVALUES, "theory gives a factor of 0.9 per iteration, the squared ratio of two neighbouring"),
    ],
)
def test_theory_s_rate_is_given_with_what_decides_it(basis: Basis, words: str) -> None:
    slow = solved("gradient-descent", 6.0, 40, Rate(0.9, basis=basis))
    assert words in explained(solved("newton", 2.0, 10), slow)[1]


def test_a_failure_is_explained_by_its_reason_and_how_to_fix_it() -> None:
    failed = row("jacobi", Status.DIVERGED, Cause.ROSE)
    failed.typical.reason = "f went from 1 to 9"
    assert explained(solved("newton", 1.0, 3), failed)[1].startswith("f went from 1 to 9. The method does not converge")
    skipped = row("qr", Status.SKIPPED, Cause.OBJECTION)
    skipped.typical.reason = "it needs a linear least-squares problem"
    assert explained(solved("newton", 1.0, 3), skipped)[1] == "it needs a linear least-squares problem"
