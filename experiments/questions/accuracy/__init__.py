"""How many digits does each solver keep?

The answers of these problems are known exactly: Wampler's five polynomials of degree 5, Hilbert's systems of growing
size, and NIST's linear files if a folder with them is given. Each solver runs until it ends by itself. Its answer is
compared with the exact one, coefficient by coefficient: the log relative error, -log10 of the largest relative error,
between 0 and 15.

Let k be the condition number of the matrix. Theory expects a backward stable method (QR, SVD, or LU on a system) to
keep about 16 - log10 k digits. A method that forms X'X, whose condition number is k squared, keeps about
16 - 2 log10 k; on a regression these are the normal equations, Cholesky, LU and conjugate gradients. A large residual,
as in Wampler's fifth set, brings the square back for every method. A solver that finds a matrix too close to a singular
one may break down, which is better than an answer without a correct digit. In means a breakdown counts as 0 digits.

Settings: folder, of NIST's linear .dat files; largest, the unknowns of the largest of Hilbert's systems; solvers, those
that are measured; iterations, the most that an iterative solver may take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice
from typing import Any

import numpy as np

from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.outcome import Cause
from experiments.lab.spec.building import build_solver
from experiments.lab.spec.grammar import Spec, SpecError, parse, spec
from experiments.lab.workers.worker import solver_of
from experiments.questions.accuracy.exact_problems import exact_problem, linear_nist_files
from experiments.questions.accuracy.pictures import figures, tables
from experiments.questions.accuracy.scores import answers, by_solver
from experiments.questions.accuracy.verdicts import sentences
from problems.foundation.arrays import Vector
from problems.foundation.digits import digits
from solvers.base import BlackBox, Breakdown, Refusal, Solver
from solvers.base.driving import iterates

NUMPY: dict[str, Callable[[Any], Vector]] = {
    "numpy.linalg.lstsq": lambda problem: np.asarray(np.linalg.lstsq(*problem.least_squares())[0]),
    "numpy.linalg.solve": lambda problem: np.asarray(np.linalg.solve(*problem.system())),
}
SOLVERS = [
    "normal-equations", "cholesky", "lu", "qr", "svd", "conjugate-gradient", "lsqr", "scipy-lstsq",
    "scipy-lstsq(driver=gelsy)", "scipy-solve", "sklearn-linear-regression", "statsmodels-ols", *NUMPY,
]  # fmt: skip
SETTINGS = {"folder": None, "largest": 12, "solvers": SOLVERS, "iterations": 10_000}


def measurements(options: Options) -> Sequence[Measurement]:
    """Every solver on every problem. Raises SpecError and DataError."""
    folder, largest, iterations = (options.settings[key] for key in ("folder", "largest", "iterations"))
    if largest < 2:
        raise SpecError(f"largest is {largest}; the smallest of Hilbert's systems has 2 unknowns")
    problems = [spec("wampler", set=k) for k in range(1, 6)] + [spec("hilbert", n=n) for n in range(2, largest + 1)]
    files = linear_nist_files(folder) if folder else []
    problems += [spec("nist", file=str(file)) for file in files if not file.stem.startswith("Wampler")]
    solvers = [parse(text) for text in options.settings["solvers"]]
    for solver in solvers:
        if solver.name not in NUMPY:
            build_solver(solver)  # an unknown name is refused before anything runs
    return [
        measurement_of(digits_kept, problem=problem, solver=solver, iterations=iterations)
        for problem in problems
        for solver in solvers
    ]


def digits_kept(problem: Spec, solver: Spec, iterations: int) -> dict[str, Any]:
    """The correct digits of a solver's answer, and the condition number of the problem.

    Where there is no answer, `digits` is None, `cause` says whether the solver refused or broke down, and `message` is
    the solver's sentence.
    """
    exact = exact_problem(problem)
    values: dict[str, Any] = {"condition": exact.condition, "digits": None, "cause": Cause.NONE, "message": ""}
    try:
        if solver.name in NUMPY:
            theta = NUMPY[solver.name](exact.problem)
        else:
            theta = final_iterate(solver_of(solver), exact.problem, iterations)
    except Refusal as refusal:
        return values | {"cause": Cause.REFUSAL, "message": str(refusal)}
    except (Breakdown, np.linalg.LinAlgError) as breakdown:
        return values | {"cause": Cause.BREAKDOWN, "message": str(breakdown)}
    return values | {"digits": digits(theta, exact.answer)}


def final_iterate(solver: Solver[Any], problem: Any, iterations: int) -> Vector:
    """The last of at most `iterations` iterates; theta_0 is zero. Raises Breakdown and Refusal."""
    if objection := solver.objection(problem):
        raise Refusal(objection)
    start, rng = np.zeros(problem.dim), np.random.default_rng(0)
    if isinstance(solver, BlackBox):
        return solver.run(problem, start, rng, iterations, lambda theta: None).theta
    theta = start
    for theta in islice(iterates(solver, problem, start, rng), iterations):  # noqa: B007
        pass
    return theta


EXPERIMENT = Experiment("accuracy", "accuracy", __doc__ or "", measurements=measurements, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """Which solver keeps the most digits, what forming X'X costs, which answers are worthless, and what theory says."""
    measured = by_solver(result.measurements)
    if not any(answers(on_problems) for on_problems in measured.values()):
        return Answer(["No solver gave an answer."])
    return Answer(sentences(measured), figures(measured), tables(measured))
