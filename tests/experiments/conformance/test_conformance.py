"""`solverlab check`: every solver of the catalogue passes, and every planted fault is found and named."""

from __future__ import annotations

import pytest

import solvers
from experiments.conformance.check import check
from experiments.conformance.examine import Verdict, examine, sentences
from experiments.lab.spec.grammar import Spec, parse
from tests.helpers import faulty_methods, faulty_solvers

FAULTS = [  # the class, words of the property that must fail, words of what is observed
    ("WritesIntoTheta0", "does not write into theta_0", "it wrote into theta_0"),
    ("YieldsOneArrayTwice", "no two of them share memory", "yield 2 shares memory with yield 1"),
    ("UsesGlobalRandomness", "The same seed gives the same iterates", "random numbers that its rng did not give"),
    ("ClimbsTheGradient", "has a lower f than theta_0", "never lower than at first"),
    ("StopsEarly", "does not stop before", "ended by itself"),
    ("Stalls", "comes near f*, and", "no better than at iterat"),
    ("IgnoresTheIntercept", "The intercept is the last coefficient", "f - f* is"),
    ("PenalisesTheIntercept", "The intercept is the last coefficient", "f - f* is"),
    ("CholeskyOfAnything", "not positive definite the solver says so", "it solves the system although"),
    ("MetropolisUpsideDown", "The states of a sampler have the mean and the variance", "the variance of its states is"),
    ("WithoutBeta", "A Krylov method needs", "not conjugate"),
    ("SubclassWithoutBeta", "The observed rate is about the rate", "was observed"),
    ("RoughQR", "The answer of a direct method", "times rounding"),
    ("JacobiWithAWrongSign", "A splitting method converges if and only if", "the spectral radius is"),
    ("GreedyConjugateGradient", "The error of conjugate gradients never increases", "the error increases from"),
    ("HalfNewton", "reaches the minimum of a quadratic in one step", "after one step f - f* is"),
    ("DustyISTA", "all penalised coefficients are exactly zero", "they must be exactly zero"),
    ("SkipsTheLastRow", "the solver fits every one of them", "rows are not fitted"),
    ("SkipsTheLastBatch", "The first epoch changes", "after the first epoch the predictions of 1 of 33 rows"),
    ("OneAnchor", "does not stop before", "stalled: no better than at iterate"),
    ("WrongBetaLater", "the smallest error of their Krylov subspace", "can be attained"),
    ("WholeNewtonSteps", "From a far start too", "f is not finite"),
    ("NewtonOfAnAuthor", "A second-order method lets f increase", "f increases from"),
    ("AcceptsAnyStep", "A second-order method lets f increase", "f increases from"),
    ("LargeCutoff", "as accurate on systems with some hundred unknowns", "times rounding"),
    ("WithoutPivoting", "as accurate on systems with some hundred unknowns", "times rounding"),
    ("BiasedAdam", "those of the method's published recurrence", "iterate 1 is"),
    ("GradientAtTheta", "those of the method's published recurrence", "iterate 3 is"),
    ("GradientAtThetaOfAnAuthor", "those of the method's published recurrence", "iterate 3 is"),
    ("SinglePrecision", "not numbers of single precision", "are float32 numbers"),
    ("SinglePrecisionGradient", "finds it to the last digits", "where 0 can be attained"),
    ("ReusesAnArrayLater", "no two of them share memory", "yield 51 shares memory with yield 50"),
    ("WritesIntoTheta0Later", "does not write into theta_0", "it wrote into theta_0"),
    ("ReadsPrivateAttributes", "public attributes of the problem only", "it reads LeastSquaresModel._step"),
    ("SeedsItself", "The same seed gives the same iterates", "something that changes by itself"),
    ("SharesItsState", "The same seed gives the same iterates", "iterate 3 differs if another run advances"),
    ("Raises", "Every iterate is a float64 vector", "it raises KeyError"),
    ("AsksToExit", "Every iterate is a float64 vector", "it asks the whole process to exit"),
    ("Hangs", "Every iterate is a float64 vector", "it did not return within 4 s"),
    ("Exits", "Every iterate is a float64 vector", "its process ended with exit code 0"),
]
ONE_FAULT = {  # all other properties pass
    "PenalisesTheIntercept",
    "SkipsTheLastBatch",
    "WrongBetaLater",
    "LargeCutoff",
    "WithoutPivoting",
    "SinglePrecisionGradient",
    "WritesIntoTheta0Later",
    "ReadsPrivateAttributes",
    "SeedsItself",
    "SharesItsState",
}
ENDS_ITS_PROCESS = {"Hangs", "Exits"}
IN_A_WORKER = ENDS_ITS_PROCESS | {"StopsEarly"}


@pytest.mark.filterwarnings("ignore")  # as in a worker
@pytest.mark.parametrize(("fault", "sentence", "observed"), [row for row in FAULTS if row[0] not in ENDS_ITS_PROCESS])
def test_a_planted_fault_fails_its_property_and_is_described(fault: str, sentence: str, observed: str) -> None:
    solver = faulty(fault)
    (number,) = [number for number, known in enumerate(sentences(solver)) if sentence in known]
    finding = examine(solver, number)
    assert (finding.verdict, finding.tried > 0) == (Verdict.FAILED, True)
    assert observed in finding.observed
    assert finding.example, "the smallest example is named"
    if fault in ONE_FAULT:
        others = [examine(solver, other) for other in range(len(sentences(solver))) if other != number]
        assert [finding for finding in others if finding.verdict is Verdict.FAILED] == []


@pytest.mark.parametrize(("fault", "sentence", "observed"), [row for row in FAULTS if row[0] in IN_A_WORKER])
def test_a_check_reports_every_property_of_a_solver_that_may_end_its_process(
    fault: str, sentence: str, observed: str
) -> None:
    findings = list(check(faulty(fault), seconds=4 if fault == "Hangs" else 30))
    assert [finding.sentence for finding in findings] == sentences(faulty(fault))
    (found,) = [finding for finding in findings if sentence in finding.sentence]
    assert found.verdict is Verdict.FAILED
    assert observed in found.observed
    assert found.example
    later = {finding.verdict for finding in findings[findings.index(found) + 1 :]}
    assert (later == {Verdict.NOT_TRIED}) is (fault in ENDS_ITS_PROCESS)


def faulty(name: str) -> Spec:
    module = next(module for module in (faulty_solvers, faulty_methods) if hasattr(module, name))
    return parse(f"{module.__name__}:{name}")


@pytest.mark.parametrize("name", solvers.TABLE)
def test_every_solver_of_the_catalogue_passes(name: str) -> None:
    solver = parse(name)
    findings = [examine(solver, number, most_examples=4) for number in range(len(sentences(solver)))]
    assert [finding for finding in findings if finding.verdict is Verdict.FAILED] == []
    assert sum(finding.verdict is Verdict.PASSED for finding in findings) >= 7
