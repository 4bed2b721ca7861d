"""What a source returns: rows, or a square matrix and a right-hand side."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from problems.foundation.about import NOTHING, About
from problems.foundation.arrays import Matrix, Vector


@dataclass(frozen=True)
class StatedModel:
    """The model that certified rows come with."""

    formula: str  # of the response, in Python's notation, without the error term
    response: str  # the predicted quantity, as a formula of y: "y" or "log(y)"
    parameters: tuple[str, ...]
    starts: Matrix  # (k, parameters), the starting values that come with the model; k may be 0


@dataclass(frozen=True)
class Dataset:
    """Rows in the form that a problem takes."""

    X: Any  # (n, d), a C-contiguous float64 array or a float64 CSR array; None for a signal
    y: Any = None  # (n,), or (n, outputs); None for a task without a target
    about: About = NOTHING
    intercept: bool | None = None  # whether the model that comes with the rows has one; None without a model
    low: tuple[Matrix, Vector] | None = None  # what rounding to float64 removed from X and y, if they are decimals
    target: str = "y"  # the name of the target
    model: StatedModel | None = None


class Definiteness(StrEnum):
    """The known definiteness of a square matrix."""

    GENERAL = "general"
    SYMMETRIC = "symmetric"
    POSITIVE_DEFINITE = "positive definite"


@dataclass(frozen=True)
class SystemData:
    """A theta = b."""

    A: Any  # (dim, dim), an array or a CSR array of scipy
    b: Vector
    definiteness: Definiteness
