"""From names with parameters to problems, data sources and solvers."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import os
import sys
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import problems
import problems.data
import solvers
from experiments.lab.spec.grammar import Spec, SpecError, shown
from experiments.lab.spec.supplied import Named, Supplied, restored
from problems.data.source import Source, SystemSource
from problems.foundation.names import suggestion

if typing.TYPE_CHECKING:
    from problems.forms import Objective
    from solvers.base import Solver

COERCE: Any = {"coerce_numbers_to_str": True}  # a column may be called 1


def build_solver(named: Named) -> Solver[Any]:
    """The solver of that name. Raises SpecError."""
    from solvers.base import Solver

    if isinstance(named, Supplied):
        solver: Solver[Any] = restored(named)
        return solver
    factory = _factory(named.name, solvers.TABLE)
    if not (isinstance(factory, type) and issubclass(factory, Solver)):
        raise SpecError(f"{named.name} is not a solver: it must be a class below solverlab.Solver")
    built: Solver[Any] = _called(named, factory, _validated(named.name, factory, dict(named.given)))
    return built


def build_problem(named: Named) -> Objective:
    """The problem of that name. Raises SpecError, and DataError where its rows cannot be used."""
    from problems.forms import Objective

    if isinstance(named, Supplied):
        problem: Objective = restored(named)
        return problem
    factory, arguments = problem_arguments(named)
    built = _called(named, factory, arguments)
    if not isinstance(built, Objective):
        raise SpecError(f"{named.name} returns no problem: it must return an instance of solverlab.Objective")
    with suppress(AttributeError):  # a frozen record of the user's keeps no name
        built.origin = named
    return built


def problem_arguments(spec: Spec) -> tuple[Callable[..., Any], dict[str, Any]]:
    """The factory of a problem and its arguments, the data source built and not yet read. Raises SpecError.

    This is the one place that knows the shorthand: parameters that the problem does not have are its source's. A source
    that is not given is the problem's default; a path, given as data or as file, is the source that reads it.
    """
    factory = _factory(spec.name, problems.TABLE)
    known = inspect.signature(factory).parameters
    default = known["data"].default if "data" in known else None
    if not isinstance(default, Source):
        return factory, _validated(spec.name, factory, dict(spec.given))
    arguments = {key: value for key, value in spec.given if key in known}
    of_source = {key: value for key, value in spec.given if key not in known}
    chosen = arguments.pop("data", None)
    if chosen is None:
        chosen = of_source.pop("file", None)
    if chosen is None:
        source = _replaced(default, of_source, spec.name, [key for key in known if key != "data"])
    else:
        source = _source(chosen, of_source, spec.name)
    kind = typing.get_type_hints(factory)["data"]
    if not isinstance(source, kind):
        raise SpecError(f"{spec.name}: {source} is a {_kind(type(source))}; a {_kind(kind)} is needed")
    return factory, {**_validated(spec.name, factory, arguments), "data": source}


def _kind(source: type) -> str:
    return "system A theta = b" if issubclass(source, SystemSource) else "source of rows"


def check_names(named: Named) -> None:
    """Raise SpecError where a problem's name or parameters do not exist; its rows are not read."""
    if isinstance(named, Spec):
        problem_arguments(named)


def seeded(named: Named, seed: int) -> Named:
    """The problem with its rows drawn from `seed`; as it is for seed 0, a given seed, and rows that are not drawn.

    >>> from experiments.lab.spec.grammar import parse
    >>> str(seeded(parse("logistic"), 3)), str(seeded(parse("logistic(data=breast_cancer)"), 3))
    ('logistic(seed=3)', 'logistic(data=breast_cancer)')
    """
    if not seed or isinstance(named, Supplied) or named.get("seed") is not None:
        return named
    factory, arguments = problem_arguments(named)
    nested = named.get("data")
    if isinstance(nested, Spec) and nested.get("seed") is not None:
        return named
    takes_seed = "seed" in inspect.signature(factory).parameters or hasattr(arguments.get("data"), "seed")
    return named.where(seed=seed) if takes_seed else named


def files_of(named: Named) -> list[Path]:
    """The files that the parameters of a problem name."""
    return [] if isinstance(named, Supplied) else [path for text in _texts(named) if (path := Path(text)).is_file()]


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, Spec):
        for _, item in value.given:
            yield from _texts(item)


def place_of(name: str, table: Mapping[str, Any]) -> str:
    """Where the factory is, as module:attribute: by its catalogue name, or as it is for a user's own."""
    if name in table:
        return str(table[name].place)
    if ":" in name.strip(":"):
        return name
    raise SpecError(f"there is no {name!r}; {suggestion(name, table)}")


@contextmanager
def catalogue_only() -> Iterator[None]:
    """Meanwhile, building a name that is in no catalogue raises SpecError: what a store names is not imported."""
    token = _CATALOGUE_ONLY.set(True)
    try:
        yield
    finally:
        _CATALOGUE_ONLY.reset(token)


_CATALOGUE_ONLY = ContextVar("catalogue_only", default=False)


def _factory(name: str, table: Mapping[str, Any]) -> Callable[..., Any]:
    module, _, attribute = place_of(name, table).partition(":")
    if name not in table and _CATALOGUE_ONLY.get():
        raise SpecError(f"{name} is not in the catalogue, and code that stored results name is not run")
    if name not in table and os.getcwd() not in sys.path:
        sys.path.append(os.getcwd())  # a user's module lies where the user works; last, so that it hides no other
    try:
        factory = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a user's module may fail in any way
        raise SpecError(f"{name} cannot be imported: {type(error).__name__}: {error}") from None
    if not callable(factory):
        raise SpecError(f"{name} cannot be called: it must be a class, or a function that returns a problem")
    made: Callable[..., Any] = factory
    return made


def _called(spec: Spec, factory: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    try:
        return factory(**arguments)
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        raise SpecError(f"{spec.name}: {error}") from None


def _validated(
    name: str, factory: Callable[..., Any], given: dict[str, Any], others: Iterable[str] = ()
) -> dict[str, Any]:
    """The parameters with the types that the factory declares. `others` may be meant by an unknown name too."""
    from pydantic import TypeAdapter, ValidationError

    known = inspect.signature(factory).parameters
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    for key, parameter in known.items():
        if key not in given and parameter.default is parameter.empty and parameter.kind not in variadic:
            raise SpecError(f"{name} needs the parameter {key!r}")
    types = typing.get_type_hints(factory.__init__ if isinstance(factory, type) else factory)  # type: ignore[misc]
    built = {}
    for key, value in given.items():
        if key not in known:
            raise SpecError(f"{name} has no parameter {key!r}; {suggestion(key, [*others, *known])}")
        try:
            built[key] = TypeAdapter(types[key], config=COERCE).validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]["msg"]
            raise SpecError(f"{name}: {key} is {shown(value)}; {first[0].lower()}{first[1:]}") from None
    return built


def _replaced(default: Source, given: dict[str, Any], problem: str, allowed: list[str]) -> Source:
    """The default source of a problem with some of its parameters replaced."""
    values = _validated(problem, type(default), given, allowed)
    try:
        return dataclasses.replace(default, **values)  # type: ignore[type-var]
    except ValueError as error:
        raise SpecError(f"{problem}: {error}") from None


def _source(chosen: Any, more: dict[str, Any], problem: str) -> Source:
    """The source that `data` describes, with further parameters that were given to the problem."""
    if isinstance(chosen, Source):
        if more:
            raise SpecError(f"{problem} has no parameter {next(iter(more))!r}, and its data are given as an object")
        return chosen
    spec = chosen if isinstance(chosen, Spec) else Spec(str(chosen))
    if spec.name not in problems.data.TABLE and ":" not in spec.name.strip(":") and not spec.given:
        spec = _of_path(spec.name, problem)
    twice = [key for key in more if spec.get(key) is not None]
    if twice:
        raise SpecError(f"{problem}: {twice[0]} is given twice, also in data={spec}")
    factory = _factory(spec.name, problems.data.TABLE)
    if not (isinstance(factory, type) and issubclass(factory, Source)):
        raise SpecError(f"{spec.name} is not a source of data: it must be a class below solverlab.RowSource")
    built: Source = _called(spec, factory, _validated(spec.name, factory, {**dict(spec.given), **more}))
    return built


def _of_path(text: str, problem: str) -> Spec:
    """The source that reads the file of that name."""
    path = Path(text)
    if not path.suffix and not path.exists():
        known = suggestion(text, problems.data.TABLE)
        raise SpecError(f"{problem}: there is no file and no source of data {text!r}; {known}")
    return Spec("nist" if path.suffix.lower() == ".dat" else "table", (("file", text),))
