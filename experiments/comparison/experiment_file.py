"""A user's own experiment as a TOML file: a grid of problems, solvers and seeds under one rule."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from experiments.comparison.comparison import checked_problems, checked_solvers, comparison
from experiments.lab.experiment import Experiment
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import SpecError, parse
from experiments.lab.spec.supplied import Named
from problems.foundation.errors import UserError
from problems.foundation.names import suggestion


class ConfigError(UserError):
    """A file that describes no experiment; every fault on a line of its own, with its place."""


def _in_a_catalogue(check: Callable[[Sequence[str]], Sequence[Named]]) -> Callable[[str], str]:
    def known(text: str) -> str:
        if ":" in parse(text).name:
            raise SpecError(f"{text}: a file may name what the catalogue has, not code of its own")
        return str(check([text])[0])

    return known


Problem = Annotated[str, AfterValidator(_in_a_catalogue(checked_problems))]
Solver = Annotated[str, AfterValidator(_in_a_catalogue(checked_solvers))]
Seed = Annotated[int, Field(ge=0)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


class RuleSection(_Section):
    """[rule]: the tolerance and the budgets."""

    tolerance: float = Field(default=1e-6, gt=0)
    absolute: bool = False
    seconds: float = Field(default=10.0, gt=0)
    iterations: int = Field(default=1_000_000, ge=1)
    passes: float | None = Field(default=None, gt=0)
    deadline: float | None = Field(default=None, gt=0)


class ExperimentFile(_Section):
    """The whole file."""

    question: str = ""
    problems: list[Problem] = Field(min_length=1)
    solvers: list[Solver] | None = Field(default=None, min_length=1)
    seeds: list[Seed] | None = Field(default=None, min_length=1)
    repeats: int = Field(default=11, ge=1)
    rule: RuleSection = RuleSection()
    figures: list[Literal["convergence", "boundary", "profiles"]] | None = None  # all kinds where it is not given


def experiment_in(path: Path) -> Experiment:
    """The experiment that a TOML file describes. Raises ConfigError with every fault at once."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not text in UTF-8, from byte {error.start} on") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from None
    try:
        file = ExperimentFile.model_validate(content)
    except ValidationError as error:
        faults = [f"  {_place(fault['loc'])}: {_sentence(fault)}" for fault in error.errors()]
        raise ConfigError("\n".join([f"{path} describes no experiment:", *faults])) from None
    experiment = comparison(
        re.sub(r"[^\w.-]+", "-", path.stem).strip("-.")[:100] or "experiment",
        file.question or f"Which solver is fastest on the problems of {path.name}?",
        file.problems,
        file.solvers,
        Rule(**file.rule.model_dump()),
        file.seeds,
        file.repeats,
    )
    return dataclasses.replace(experiment, settings={"figures": file.figures})


def _place(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def _sentence(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        allowed = RuleSection if fault["loc"][:-1] == ("rule",) else ExperimentFile
        return f"no such key; {suggestion(str(fault['loc'][-1]), allowed.model_fields)}"
    if isinstance(cause := fault.get("ctx", {}).get("error"), SpecError):
        return str(cause)
    message = fault["msg"]
    return f"{message[0].lower()}{message[1:]}"
