"""Problems, data and solvers from names, objects and arrays; and what stands for them in workers and outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.lab.spec.building import build_problem, build_solver, problem_arguments
from experiments.lab.spec.grammar import Spec, SpecError, parse, spec
from experiments.lab.spec.supplied import Named, described, supplied
from problems.data.arrays import Arrays
from problems.data.source import Source
from problems.forms import Objective
from solvers.base import Solver


def problem(name: str | Spec, X: Any = None, y: Any = None, **parameters: Any) -> Objective:
    """The problem of a name with parameters, `"logistic(data=breast_cancer, l2=1e-3)"`, on arrays where they are given.

    X, y: numpy, scipy.sparse or pandas, shape (n, d) and (n,), taken as they are. parameters: further ones; `data` may
    be a source. Raises SpecError, a ValueError, for what cannot be built, and DataError for rows that cannot be used.

    >>> import solverlab as lab
    >>> lab.problem("logistic(n=50, d=3)", l2=0.1).dim
    4
    """
    known = parse(name) if isinstance(name, str) else name
    if X is not None:
        parameters["data"] = Arrays(X, y)
    elif y is not None:
        raise SpecError(f"{known.name}: y is given without X")
    return build_problem(known.where(**parameters))


def data(X: Any, y: Any = None, *, standardize: bool = False) -> Arrays:
    """Arrays as a source of data, to be given to problems: numpy, scipy.sparse or pandas, shape (n, d) and (n,).

    standardize: whether columns, and targets that are numbers, are moved and scaled to mean 0 and variance 1.
    """
    return Arrays(X, y, standardize)


def solver(name: str | Spec, **parameters: Any) -> Solver[Any]:
    """The solver of a name with parameters, `"lbfgs(memory=5)"`. Raises SpecError, a ValueError.

    >>> import solverlab as lab
    >>> lab.solver("lbfgs", memory=5).memory
    5
    """
    known = parse(name) if isinstance(name, str) else name
    return build_solver(known.where(**parameters))


def as_problem(given: Any) -> Objective:
    """A name or a problem, as a problem. TypeError for anything else."""
    if isinstance(given, str | Spec):
        return problem(given)
    if isinstance(given, Objective):
        return given
    raise TypeError(_wrong(given, "problem", "'logistic(n=100)'", "Objective"))


def as_solver(given: Any) -> Solver[Any]:
    """A name, a solver or the class of one, as a solver. TypeError for anything else."""
    if isinstance(given, str | Spec):
        return solver(given)
    instance = given() if isinstance(given, type) and issubclass(given, Solver) else given
    if isinstance(instance, Solver):
        return instance
    raise TypeError(_wrong(given, "solver", "'lbfgs(memory=5)'", "Solver"))


def named_problem(given: Any) -> Named:
    """What stands for a problem in a cell: its name where it has one, else the object itself."""
    if isinstance(given, str | Spec):
        known = parse(given) if isinstance(given, str) else given
        problem_arguments(known)
        return known
    instance = as_problem(given)
    if not isinstance(instance.origin, Spec):
        return supplied(instance)
    rows = instance.origin.get("data")
    if isinstance(rows, Source):  # no name can stand for rows in the memory of this process
        return supplied(instance, instance.origin.where(data=_description(rows)))
    return instance.origin


def named_solver(given: Any) -> Named:
    """What stands for a solver in a cell: its name where it has one, else the object itself."""
    if isinstance(given, str | Spec):
        solver(given)
        return parse(given) if isinstance(given, str) else given
    return supplied(as_solver(given))


def _description(rows: Source) -> Spec:
    """The name of a source and what tells it from others: its shape, or its parameters."""
    if isinstance(rows, Arrays):
        n, *d = np.shape(rows.X if rows.X is not None else rows.y)
        return spec(rows.name, n=n, **({"d": d[0]} if d else {}))
    return Spec(rows.name, described(rows).given)


def _wrong(given: Any, kind: str, example: str, form: str) -> str:
    return f"{given!r:.60} is not a {kind}: give a name such as {example}, or an instance of solverlab.{form}"


__all__ = ["as_problem", "as_solver", "data", "named_problem", "named_solver", "problem", "solver", "spec"]
