"""`solverlab check`: every solver of the catalogue passes, and every planted fault is found and named."""

from __future__ import annotations

import pytest

import solvers
from experiments.conformance.check import check
from experiments.conformance.examine import examine, sentences

FAULTS = [
    ("WritesIntoTheta0", "theta_0 is as it was", "wrote into theta_0"),
    ("YieldsOneArrayTwice", "No yielded array is written again", "must be fresh"),
    ("UsesGlobalRandomness", "The same seed gives the same iterates", "not its rng's"),
    ("ClimbsTheGradient", "Its first iterates reach a lower f", "never lower"),
    ("StopsEarly", "does not end before", "ended by itself"),
    ("Stalls", "it comes near f*", "no better than at iterate"),
    ("IgnoresTheIntercept", "The intercept is the last coefficient", "f - f* is"),
    ("PenalisesTheIntercept", "The intercept is the last coefficient", "f - f* is"),
    ("CholeskyOfAnything", "not positive definite", "it succeeds"),
    ("MetropolisUpsideDown", "Its states have the mean and the variance", "sigma"),
    ("WithoutBeta", "A Krylov method", "not conjugate"),
    ("SubclassWithoutBeta", "The rate seen", "was seen"),
    ("RoughQR", "A direct method's answer", "times rounding"),
    ("JacobiWithAWrongSign", "A splitting converges if and only if", "the spectral radius is"),
    ("GreedyConjugateGradient", "The error of conjugate gradients never rises", "it rises from"),
    ("HalfNewton", "is done with a quadratic in one step", "after one step f - f* is"),
    ("DustyISTA", "all penalised coefficients are exactly zero", "they must be exactly zero"),
    ("Raises", "Every iterate is a float64 vector", "KeyError"),
    ("AsksToExit", "Every iterate is a float64 vector", "process to exit"),
    ("Hangs", "Every iterate is a float64 vector", "did not come back"),
    ("Exits", "Every iterate is a float64 vector", "ended with exit code 0"),
]
SOUND = {"IgnoresTheIntercept", "PenalisesTheIntercept"}  # but for their fault


@pytest.mark.parametrize(("fault", "sentence", "seen"), FAULTS)
def test_a_planted_fault_falls_with_a_clear_line(fault: str, sentence: str, seen: str) -> None:
    findings = list(check(f"tests.helpers.faulty_solvers:{fault}", seconds=4 if fault == "Hangs" else 30))
    fallen = [finding for finding in findings if finding.verdict == "fell"]
    (told,) = [finding for finding in fallen if sentence in finding.sentence]
    assert seen in told.seen
    assert told.example, "the smallest example is named"
    if fault in SOUND:
        assert fallen == [told]


@pytest.mark.parametrize("name", solvers.TABLE)
def test_every_solver_of_the_catalogue_passes(name: str) -> None:
    findings = [examine(name, number, most=4) for number in range(len(sentences(name)))]
    assert [finding for finding in findings if finding.verdict == "fell"] == []
    assert sum(finding.verdict == "held" for finding in findings) >= 7
