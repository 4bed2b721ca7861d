"""Solver Lab: classical and gradient solvers on the same problem, under one referee and one clock.

    import solverlab as lab

    lab.problem("logistic(data=breast_cancer, l2=1e-3)")      lab.solver("lbfgs(memory=5)")
    outcome = lab.measure("logistic", "newton", tolerance=1e-8)
    report = lab.compare("logistic(data=breast_cancer)", ["newton", "lbfgs", MySolver()])
    report.verdicts     report.frame()     report.plot("convergence", x="passes")
    for theta in lab.iterates("logistic", "newton"): ...
    lab.check(MySolver)     lab.run("learning-rate", quick=True)

A name is imported when it is first used, so that `import solverlab` costs nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from solverlab import own_packages

EXPORTS = {
    "solverlab.objects": ("problem", "data", "solver"),
    "solverlab.running": ("measure", "iterates", "compare", "run", "check", "CheckReport"),
    "solverlab.report": ("Report",),
    # what a comparison consists of
    "experiments.lab.spec.grammar": ("Spec", "SpecError", "parse", "spec"),
    "experiments.lab.spec.building": ("seeded",),
    "experiments.lab.spec.supplied": ("Named",),
    "experiments.lab.run.cell": ("Cell",),
    "experiments.lab.run.stopping": ("Rule",),
    "experiments.lab.run.outcome": ("Outcome", "Status", "Cause"),
    "experiments.lab.reference.reference": ("Reference",),
    "experiments.lab.analysis.results": ("CellResult", "Result"),
    "experiments.lab.analysis.statistics": ("fitted_power",),
    # writing an experiment
    "experiments.lab.experiment": ("Experiment", "Options", "References", "Answer"),
    "experiments.lab.measurement.measurement": ("Measurement", "MeasurementResult", "measurement_of"),
    "experiments.figures.records": (
        "Figure", "Convergence", "ConvergenceCurve", "Sweep", "Step", "Contour", "IteratePath", "Boundary", "Lines",
        "Line", "Bars", "Field", "Frames", "Picture", "ResultTable",
    ),
    # writing a problem or a source of data
    "problems.forms": (
        "Objective", "Smooth", "TwiceSmooth", "FiniteSum", "LinearModel", "MatrixModel", "LayeredModel", "Composite",
        "Saddle", "LinearSystem", "SymmetricSystem", "SPDSystem", "LeastSquares", "NonlinearLeastSquares", "Certified",
        "Ledger", "About",
    ),
    "problems.data.source": ("RowSource", "SystemSource", "Dataset", "SystemData", "Task"),
    "problems.data.arrays": ("Arrays",),
    "problems.foundation.arrays": ("Vector", "Matrix", "EPS"),
    "problems.foundation.checks": ("DataError", "positive", "not_negative", "fraction", "at_least"),
    # writing a solver
    "solvers.base": (
        "Solver", "BlackBox", "Run", "Callback", "Iterates", "Rate", "Basis", "Trait", "Recurrence",
        "Breakdown", "Refusal",
    ),
    "solvers.base.spectrum": ("Spectrum", "largest_curvature"),
}  # fmt: skip
PLACES = {name: module for module, names in EXPORTS.items() for name in names}
__all__ = [*PLACES]


def __getattr__(name: str) -> Any:
    if name not in PLACES:
        from difflib import get_close_matches

        close = get_close_matches(name, PLACES)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise AttributeError(f"solverlab has no {name!r}{hint}")
    own_packages.load()
    value = getattr(importlib.import_module(PLACES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *PLACES])


if TYPE_CHECKING:  # the same names for type checkers; a test holds both lists together
    from experiments.figures.records import Bars as Bars
    from experiments.figures.records import Boundary as Boundary
    from experiments.figures.records import Contour as Contour
    from experiments.figures.records import Convergence as Convergence
    from experiments.figures.records import ConvergenceCurve as ConvergenceCurve
    from experiments.figures.records import Field as Field
    from experiments.figures.records import Figure as Figure
    from experiments.figures.records import Frames as Frames
    from experiments.figures.records import IteratePath as IteratePath
    from experiments.figures.records import Line as Line
    from experiments.figures.records import Lines as Lines
    from experiments.figures.records import Picture as Picture
    from experiments.figures.records import ResultTable as ResultTable
    from experiments.figures.records import Step as Step
    from experiments.figures.records import Sweep as Sweep
    from experiments.lab.analysis.results import CellResult as CellResult
    from experiments.lab.analysis.results import Result as Result
    from experiments.lab.analysis.statistics import fitted_power as fitted_power
    from experiments.lab.experiment import Answer as Answer
    from experiments.lab.experiment import Experiment as Experiment
    from experiments.lab.experiment import Options as Options
    from experiments.lab.experiment import References as References
    from experiments.lab.measurement.measurement import Measurement as Measurement
    from experiments.lab.measurement.measurement import MeasurementResult as MeasurementResult
    from experiments.lab.measurement.measurement import measurement_of as measurement_of
    from experiments.lab.reference.reference import Reference as Reference
    from experiments.lab.run.cell import Cell as Cell
    from experiments.lab.run.outcome import Cause as Cause
    from experiments.lab.run.outcome import Outcome as Outcome
    from experiments.lab.run.outcome import Status as Status
    from experiments.lab.run.stopping import Rule as Rule
    from experiments.lab.spec.building import seeded as seeded
    from experiments.lab.spec.grammar import Spec as Spec
    from experiments.lab.spec.grammar import SpecError as SpecError
    from experiments.lab.spec.grammar import parse as parse
    from experiments.lab.spec.grammar import spec as spec
    from experiments.lab.spec.supplied import Named as Named
    from problems.data.arrays import Arrays as Arrays
    from problems.data.source import Dataset as Dataset
    from problems.data.source import RowSource as RowSource
    from problems.data.source import SystemData as SystemData
    from problems.data.source import SystemSource as SystemSource
    from problems.data.source import Task as Task
    from problems.forms import About as About
    from problems.forms import Certified as Certified
    from problems.forms import Composite as Composite
    from problems.forms import FiniteSum as FiniteSum
    from problems.forms import LayeredModel as LayeredModel
    from problems.forms import LeastSquares as LeastSquares
    from problems.forms import Ledger as Ledger
    from problems.forms import LinearModel as LinearModel
    from problems.forms import LinearSystem as LinearSystem
    from problems.forms import MatrixModel as MatrixModel
    from problems.forms import NonlinearLeastSquares as NonlinearLeastSquares
    from problems.forms import Objective as Objective
    from problems.forms import Saddle as Saddle
    from problems.forms import Smooth as Smooth
    from problems.forms import SPDSystem as SPDSystem
    from problems.forms import SymmetricSystem as SymmetricSystem
    from problems.forms import TwiceSmooth as TwiceSmooth
    from problems.foundation.arrays import EPS as EPS
    from problems.foundation.arrays import Matrix as Matrix
    from problems.foundation.arrays import Vector as Vector
    from problems.foundation.checks import DataError as DataError
    from problems.foundation.checks import at_least as at_least
    from problems.foundation.checks import fraction as fraction
    from problems.foundation.checks import not_negative as not_negative
    from problems.foundation.checks import positive as positive
    from solverlab.objects import data as data
    from solverlab.objects import problem as problem
    from solverlab.objects import solver as solver
    from solverlab.report import Report as Report
    from solverlab.running import CheckReport as CheckReport
    from solverlab.running import check as check
    from solverlab.running import compare as compare
    from solverlab.running import iterates as iterates
    from solverlab.running import measure as measure
    from solverlab.running import run as run
    from solvers.base import Basis as Basis
    from solvers.base import BlackBox as BlackBox
    from solvers.base import Breakdown as Breakdown
    from solvers.base import Callback as Callback
    from solvers.base import Iterates as Iterates
    from solvers.base import Rate as Rate
    from solvers.base import Recurrence as Recurrence
    from solvers.base import Refusal as Refusal
    from solvers.base import Run as Run
    from solvers.base import Solver as Solver
    from solvers.base import Trait as Trait
    from solvers.base.spectrum import Spectrum as Spectrum
    from solvers.base.spectrum import largest_curvature as largest_curvature
