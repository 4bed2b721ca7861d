"""How fast a method converges, and which property of the problem decides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Basis(StrEnum):
    """What a rate is computed from."""

    CONDITION = "condition"  # the condition number of the Hessian, or of the matrix
    SPLITTING = "splitting"  # the spectral radius of the iteration matrix
    EIGENVALUES = "eigenvalues"  # the ratio of two neighbouring eigenvalues


@dataclass(frozen=True)
class Rate:
    """The error e, the square root of the gap f - f*, becomes factor e^order at each iteration."""

    factor: float
    order: int = 1
    basis: Basis = Basis.CONDITION
