"""How many digits does each solver keep?

The answers of these problems are known exactly: Wampler's five polynomials of degree 5, Hilbert's systems of growing
size, and NIST's linear and nonlinear files if a folder with them is given. Each solver runs until it ends by itself.
Its answer is compared with the exact one, coefficient by coefficient: the log relative error, -log10 of the largest
relative error, between 0 and 15. On NIST's files the standard errors at the answer are compared, too.

Let k be the condition number of the matrix. Theory expects a backward stable method (QR, SVD, or LU on a system) to
keep about 16 - log10 k digits. A method that forms X'X, whose condition number is k squared, keeps about
16 - 2 log10 k; on a regression these are the normal equations, Cholesky, LU and conjugate gradients. A large residual,
as in Wampler's fifth set, brings the square back for every method. A solver that finds a matrix too close to a singular
one may break down, which is better than an answer without a correct digit. In means a breakdown counts as 0 digits.

Settings: nist, a folder with NIST's .dat files; largest, the unknowns of the largest of Hilbert's systems; solvers and
curve_solvers, those that are measured; iterations, the most that an iterative solver may take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice, product
from typing import Any

import numpy as np

from experiments.lab.analysis.results import Result
from experiments.lab.analysis.standard_errors import standard_errors
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.measurement.measurement import Measurement, measurement_of
from experiments.lab.run.outcome import Cause
from experiments.lab.spec.building import build_solver
from experiments.lab.spec.grammar import Spec, SpecError, parse, spec
from experiments.lab.workers.worker import solver_of
from experiments.questions.accuracy.curves import curve_specs, figure, is_curve, sentence, table
from experiments.questions.accuracy.exact_problems import exact_problem, nist_files
from experiments.questions.accuracy.pictures import figures, tables
from experiments.questions.accuracy.scores import answers, by_solver
from experiments.questions.accuracy.verdicts import sentences
from problems.curves.curve import Curve
from problems.foundation.arrays import Vector
from problems.foundation.digits import digits
from solvers.base import BlackBox, Breakdown, Refusal, Solver
from solvers.base.driving import iterates
from solvers.linear_systems.extended import fit

NUMPY: dict[str, Callable[[Any], Vector]] = {
    "numpy.linalg.lstsq": lambda problem: np.asarray(np.linalg.lstsq(*problem.least_squares())[0]),
    "numpy.linalg.solve": lambda problem: np.asarray(np.linalg.solve(*problem.system())),
}
SOLVERS = [
    "normal-equations(refine=false)", "normal-equations", "cholesky(refine=false)", "cholesky", "lu", "qr", "svd",
    "extended-least-squares", "conjugate-gradient", "lsqr", "scipy-lstsq", "scipy-lstsq(driver=gelsy)", "scipy-solve",
    "sklearn-linear-regression", "statsmodels-ols", *NUMPY,
]  # fmt: skip
CURVE_SOLVERS = [
    "levenberg-marquardt", "gauss-newton", "newton", "bfgs", "lbfgs", "trust-region", "scipy-least-squares",
    "scipy-least-squares(method=lm)", "scipy-minimize(method=BFGS)",
]  # fmt: skip
SETTINGS = {
    "nist": None, "largest": 12, "solvers": SOLVERS, "curve_solvers": CURVE_SOLVERS, "iterations": 10_000,
}  # fmt: skip


def measurements(options: Options) -> Sequence[Measurement]:
    """Every solver on every problem. Raises SpecError and DataError."""
    folder, largest, iterations = (options.settings[key] for key in ("nist", "largest", "iterations"))
    if largest < 2:
        raise SpecError(f"largest is {largest}; the smallest of Hilbert's systems has 2 unknowns")
    problems = [spec("wampler", set=k) for k in range(1, 6)] + [spec("hilbert", n=n) for n in range(2, largest + 1)]
    linear, nonlinear = nist_files(folder) if folder else ([], [])
    problems += [spec("nist", file=str(file)) for file in linear if not file.stem.startswith("Wampler")]
    solvers, curve_solvers = (list(map(parse, options.settings[key])) for key in ("solvers", "curve_solvers"))
    for solver in (*solvers, *curve_solvers):
        if solver.name not in NUMPY:
            build_solver(solver)  # an unknown name is refused before anything runs
    pairs = [*product(problems, solvers), *product(curve_specs(nonlinear), curve_solvers)]
    return [
        measurement_of(digits_kept, problem=problem, solver=solver, iterations=iterations) for problem, solver in pairs
    ]


def digits_kept(problem: Spec, solver: Spec, iterations: int) -> dict[str, Any]:
    """The correct digits of a solver's answer and of the standard errors there, and the problem's condition number.

    Where there is no answer, `digits` is None, `cause` says whether the solver refused or broke down, and `message` is
    the solver's sentence. `standard_errors` is None where none are certified.
    """
    exact = exact_problem(problem)
    none = dict.fromkeys(("digits", "standard_errors"))
    values: dict[str, Any] = {"condition": exact.condition, **none, "cause": Cause.NONE, "message": ""}
    try:
        if solver.name in NUMPY:
            theta = NUMPY[solver.name](exact.problem)
        else:
            theta = final_iterate(solver_of(solver), exact.problem, iterations)
    except Refusal as refusal:
        return values | {"cause": Cause.REFUSAL, "message": str(refusal)}
    except (Breakdown, np.linalg.LinAlgError) as breakdown:
        return values | {"cause": Cause.BREAKDOWN, "message": str(breakdown)}
    errors = None
    if exact.errors:
        extended = solver.name == "extended-least-squares"
        found = fit(exact.problem)[1] if extended else standard_errors(exact.problem, theta)
        errors = digits(found, exact.errors)
    return values | {"digits": digits(theta, exact.answer), "standard_errors": errors}


def final_iterate(solver: Solver[Any], problem: Any, iterations: int) -> Vector:
    """The last of at most `iterations` iterates, from zero or a curve's own start. Raises Breakdown and Refusal."""
    if objection := solver.objection(problem):
        raise Refusal(objection)
    rng = np.random.default_rng(0)
    start = problem.start_point if isinstance(problem, Curve) else np.zeros(problem.dim)
    if isinstance(solver, BlackBox):
        return solver.run(problem, start, rng, iterations, lambda theta: None).theta
    theta = start
    for theta in islice(iterates(solver, problem, start, rng), iterations):  # noqa: B007
        pass
    return theta


EXPERIMENT = Experiment("accuracy", "accuracy", __doc__ or "", measurements=measurements, settings=SETTINGS)


def answer(result: Result) -> Answer:
    """Which solver keeps the most digits, what forming X'X costs, which answers are worthless, and what theory says."""
    curves = [one for one in result.measurements if is_curve(one)]
    measured = by_solver([one for one in result.measurements if not is_curve(one)])
    if not any(answers(on_problems) for on_problems in measured.values()):
        return Answer(["No solver gave an answer."])
    told, shown, listed = sentences(measured), figures(measured), tables(measured)
    if curves:
        told, shown, listed = [*told, sentence(curves)], [*shown, figure(curves)], [*listed, table(curves)]
    return Answer(told, shown, listed)
