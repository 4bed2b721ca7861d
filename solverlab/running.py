"""Running solvers: one cell, its iterates, a comparison, an experiment, a check."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.comparison.comparison import comparison
from experiments.conformance.check import check as findings_of
from experiments.conformance.examine import Finding, Verdict
from experiments.lab.experiment import Experiment, Options
from experiments.lab.experiment import settings as checked_settings
from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import run_cell, streams
from experiments.lab.run.outcome import Outcome
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.finding import answer_to, find_experiment
from problems.foundation.arrays import Vector
from problems.foundation.names import suggestion
from solverlab.objects import as_problem, as_solver, named_problem, named_solver
from solverlab.report import Report
from solvers.base import driving

RULE = tuple(Rule.__dataclass_fields__)


def measure(
    problem: Any, solver: Any, *, tolerance: float = 1e-6, seconds: float = 10.0, seed: int = 0, **rule: Any
) -> Outcome:
    """Run one solver on one problem in this process, on one thread, judged as in every comparison.

    No worker, no deadline, nothing stored: what a solver breaks is broken here.
    problem, solver: names with parameters, or objects; a solver's class stands for its default.
    tolerance: on (f(theta) - f*) / scale, see `Rule`. seconds: inside the solver. rule: further fields of
    `Rule`, such as absolute=True for a tolerance on f(theta) - f* itself.

    >>> import solverlab as lab
    >>> lab.measure("linear-regression(n=50, d=3)", "qr").status
    <Status.SOLVED: 'solved'>
    """
    from threadpoolctl import threadpool_limits

    limits = _rule("measure", {"tolerance": tolerance, "seconds": seconds, **rule}, ("seed",))
    built, method = as_problem(problem), as_solver(solver)
    with threadpool_limits(1):
        return run_cell(built, method, seed, limits, refer(built))


def iterates(problem: Any, solver: Any, *, theta0: Vector | None = None, seed: int = 0) -> Iterator[Vector]:
    """theta_1, theta_2, ... of a solver, as it yields them: no clock, no judge, no end but the solver's own.

    theta0: the start that the lab would use for this seed by default. Raises what the solver raises.
    """
    built, method = as_problem(problem), as_solver(solver)
    start, rng = streams(seed)
    return driving.iterates(method, built, built.start(start) if theta0 is None else theta0, rng)


def compare(
    problem: Any,
    solvers: Sequence[Any] | None = None,
    *,
    tolerance: float = 1e-6,
    seconds: float = 10.0,
    repeats: int = 11,
    seed: int = 0,
    jobs: int = 1,
    store: str | Path | None = None,
    **rule: Any,
) -> Report:
    """Compare solvers on a problem, or on several, in isolated worker processes.

    problem: a name, an object, or a list of those. solvers: a list of names, objects and classes; all of the catalogue
    by default. Classes of a notebook or script travel by value. store: a folder that keeps finished cells, so that the
    same call continues; nothing is kept by default. Raises SpecError for names that do not exist.
    """
    limits = _rule(
        "compare", {"tolerance": tolerance, "seconds": seconds, **rule}, ("repeats", "seed", "jobs", "store")
    )
    problems = [named_problem(one) for one in (problem if isinstance(problem, list | tuple) else [problem])]
    chosen = None if solvers is None else [named_solver(one) for one in solvers]
    question = f"Which solver is fastest on {', '.join(map(str, problems))}?"
    experiment = comparison("compare", question, problems, chosen, limits)
    return _run(experiment, Options(seed=seed, repeats=repeats), jobs, store)


def run(
    experiment: str | Path | Experiment,
    *,
    quick: bool = False,
    seed: int = 0,
    repeats: int | None = None,
    jobs: int = 1,
    store: str | Path | None = None,
    **settings: Any,
) -> Report:
    """Run an experiment of the catalogue by name, a user's TOML or Python file, or an `Experiment`.

    settings: those of the experiment, which `solverlab explain NAME` lists. store: a folder that keeps finished cells.
    Raises SpecError.
    """
    chosen = experiment if isinstance(experiment, Experiment) else find_experiment(str(experiment))
    unknown = [name for name in settings if name not in chosen.settings]
    if unknown:
        checked_settings(chosen, [f"{unknown[0]}=0"])  # raises, and says which there are
    return _run(chosen, Options(quick, seed, repeats, {**chosen.settings, **settings}), jobs, store)


@dataclass(frozen=True)
class CheckReport:
    """What became of each property of a solver."""

    findings: Sequence[Finding]

    @property
    def passed(self) -> bool:
        """Whether no property failed."""
        return not any(finding.verdict is Verdict.FAILED for finding in self.findings)

    def __repr__(self) -> str:
        lines = [f"{finding.verdict:16}{finding.sentence}" for finding in self.findings]
        lines += [f"    {finding.observed}\n    on {finding.example}" for finding in self.findings if finding.observed]
        return "\n".join(lines)


def check(solver: Any, *, seconds: float = 30.0) -> CheckReport:
    """Try the properties that a solver of its kind must have, each on many small problems, in a worker process.

    solver: a name, an object or a class. seconds: for one example, after which the solver is said to hang.
    """
    return CheckReport(list(findings_of(named_solver(solver), seconds)))


def _run(experiment: Experiment, options: Options, jobs: int, store: str | Path | None) -> Report:
    with _folder(store) as folder, Store(folder) as kept, Local(jobs) as engine:
        result = run_experiment(experiment, options, kept, engine)
    return Report(result, answer_to(result, [Path(experiment.kind)]))


@contextmanager
def _folder(store: str | Path | None) -> Iterator[Path]:
    if store is not None:
        yield Path(store)
        return
    with tempfile.TemporaryDirectory(prefix="solverlab-") as folder:
        yield Path(folder)


def _rule(function: str, given: dict[str, Any], others: tuple[str, ...]) -> Rule:
    """The rule of those fields; TypeError for a name that is none."""
    for name in given:
        if name not in RULE:
            raise TypeError(f"{function} has no parameter {name!r}; {suggestion(name, [*RULE, *others])}")
    return Rule(**given)
