"""Testing one property of one solver, in this process."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky

from experiments.conformance.properties import Property, properties
from experiments.conformance.requirements.failure import PropertyFailed
from experiments.lab.spec.building import build_solver
from experiments.lab.spec.supplied import Named

MOST_SHRINKS = 60  # examples that are tried to find a smaller one that fails


class Verdict(StrEnum):
    """The result of testing a property."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"  # the solver accepts no problem of the kind
    NOT_TRIED = "not tried"  # an earlier test hung or ended its process


@dataclass(frozen=True)
class Finding:
    """One property, and the result of testing it."""

    sentence: str
    verdict: Verdict
    tried: int = 0  # examples
    observed: str = ""  # what shows that it failed
    example: str = ""  # the smallest example that shows the failure


def sentences(solver: Named) -> list[str]:
    """All properties of the solver, in the order in which they are tested. Raises SpecError."""
    return [tested.sentence for tested in _tested(solver)[1]]


@lru_cache(maxsize=1)
def _tested(named: Named) -> tuple[Any, list[Property]]:
    """The solver of that name, and its properties, which take a while to find."""
    solver = build_solver(named)
    return solver, list(properties(solver))


def _test(tested: Property, solver: Any, example: Any) -> None:
    """Raises PropertyFailed whatever the solver raises."""
    try:
        tested.test(solver, example)
    except PropertyFailed:
        raise
    except SystemExit as ended:
        raise PropertyFailed(f"it asks the whole process to exit, with {ended.code!r}") from None
    except Exception as error:
        raise PropertyFailed(f"it raises {type(error).__name__}: {error}") from None


def examine(named: Named, number: int, log: str = "", most_examples: int | None = None) -> Finding:
    """Test the property of that number. Raises SpecError.

    log: a file to which the example being tried is written, so that it is known if this process ends.
    """
    solver, all_properties = _tested(named)
    tested = all_properties[number]
    if tested.examples is None:
        return Finding(tested.sentence, Verdict.NOT_APPLICABLE)
    tried, latest = 0, ""
    failed: dict[str, PropertyFailed] = {}  # by example
    shrinks = 0

    @settings(
        max_examples=min(tested.most_examples, most_examples or tested.most_examples),
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(example=tested.examples)
    def attempt(example: Any) -> None:
        nonlocal tried, latest, shrinks
        shrinks += bool(failed)
        if shrinks > MOST_SHRINKS:  # what failed fails again, and nothing else is tried
            if str(example) in failed:
                latest = str(example)
                raise failed[latest]
            return
        tried, latest = tried + 1, str(example)
        if log:
            Path(log).write_text(latest, encoding="utf-8")
        try:
            _test(tested, solver, example)
        except PropertyFailed as failure:
            failed[latest] = failure
            raise

    try:
        attempt()
    except PropertyFailed as failure:
        return Finding(tested.sentence, Verdict.FAILED, tried, str(failure), latest)
    except Flaky:
        observed = "it fails on an example in one run and passes on the same example in the next"
        return Finding(tested.sentence, Verdict.FAILED, tried, observed, latest)
    return Finding(tested.sentence, Verdict.PASSED, tried)
