"""The count of what a solver asked of a problem."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Ledger:
    """Calls of a problem's oracles by kind, and passes over the data: one pass reads every row once."""

    values: int = 0
    gradients: int = 0
    hessians: int = 0
    products: int = 0
    passes: float = 0.0
