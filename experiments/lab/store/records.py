"""What a store holds, as JSON: written from the lab's own types, and validated before anything uses it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from experiments.lab.measurement.measurement import MeasuredValues, Measurement
from experiments.lab.race.race import Race
from experiments.lab.reference.reference import Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.outcome import Outcome
from experiments.lab.run.stopping import Rule
from experiments.lab.spec.grammar import Spec, parse
from experiments.lab.spec.supplied import Named, Supplied
from solvers.base.spectrum import Spectrum


class Stored(BaseModel):
    """The body of a record. Infinity is kept as text, because JSON has no number for it."""

    model_config = ConfigDict(extra="forbid", ser_json_inf_nan="strings", arbitrary_types_allowed=True)


class StoredOutcome(Stored):
    """A finished cell."""

    outcome: Outcome


class StoredReference(Stored):
    """A reference, its spectrum beside it."""

    reference: Reference
    eigenvalues: list[float] | None
    start: float | None

    @classmethod
    def of(cls, reference: Reference) -> StoredReference:
        spectrum = reference.spectrum
        return cls(
            reference=replace(reference, spectrum=None),
            eigenvalues=spectrum.eigenvalues.tolist() if spectrum else None,
            start=spectrum.start if spectrum else None,
        )

    def restored(self) -> Reference:
        """The reference, with its spectrum."""
        if self.eigenvalues is None or self.start is None:
            return self.reference
        return replace(self.reference, spectrum=Spectrum(np.array(self.eigenvalues), self.start))


class StoredValues(Stored):
    """A finished measurement."""

    measured: MeasuredValues


class StoredRace(Stored):
    """A finished race."""

    race: Race


class StoredName(Stored):
    """A problem or a solver: its text, and the digest of an object that no name stands for."""

    model_config = ConfigDict(frozen=True)
    text: str
    digest: str = ""

    @classmethod
    def of(cls, named: Named) -> StoredName:
        return cls(text=str(named), digest=named.digest if isinstance(named, Supplied) else "")

    def restored(self) -> Named:
        """The name, without the object: nothing in a store is ever executed."""
        spec = parse(self.text)
        return Supplied(spec, self.digest) if self.digest else spec


class StoredCell(Stored):
    """A cell of a run, with the key of each of its repeats."""

    problem: StoredName
    solver: StoredName
    seed: int
    rule: Rule
    note: str
    keys: list[str]

    @classmethod
    def of(cls, cell: Cell, keys: list[str]) -> StoredCell:
        names = {"problem": StoredName.of(cell.problem), "solver": StoredName.of(cell.solver)}
        return cls(**names, seed=cell.seed, rule=cell.rule, note=cell.note, keys=keys)


class StoredMeasurement(Stored):
    """A measurement of a run, with its key. A Spec among the arguments is kept as {"spec": its text}."""

    place: str
    given: list[tuple[str, Any]]
    seconds: float
    key: str

    @classmethod
    def of(cls, measurement: Measurement, key: str) -> StoredMeasurement:
        given = [(name, _as_json(value)) for name, value in measurement.given]
        return cls(place=measurement.place, given=given, seconds=measurement.seconds, key=key)

    def restored(self) -> Measurement:
        """The measurement."""
        given = tuple((name, _from_json(value)) for name, value in self.given)
        return Measurement(self.place, given, self.seconds)


def _as_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return list(map(_as_json, value))
    return {"spec": str(value)} if isinstance(value, Spec) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(map(_from_json, value))
    return parse(str(value.get("spec", ""))) if isinstance(value, dict) else value


class StoredProblem(Stored):
    """A problem of a run, the key of its reference, and digests of the files that its rows came from."""

    problem: StoredName
    reference: str
    files: list[str]


class StoredHeat(Stored):
    """The race of a run on one problem, by its key."""

    problem: StoredName
    key: str


class StoredRun(Stored):
    """What a run was to do."""

    kind: str
    question: str
    options: dict[str, Any]
    command: str
    environment: dict[str, Any]
    problems: list[StoredProblem]
    cells: list[StoredCell]
    measurements: list[StoredMeasurement]
    races: list[StoredHeat] = []


def plain(value: Any) -> Any:
    """The value as JSON can hold it: what is not finite becomes null, numpy's numbers Python's, the rest text.

    >>> plain({"gap": float("inf"), "trace": ((1, 0.5),)})
    {'gap': None, 'trace': [[1, 0.5]]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
