"""What was asked of a problem, and what a person should know of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Ledger:
    """What was asked of a problem: oracle calls by kind, and how often every row of data was read."""

    values: int = 0
    gradients: int = 0
    hessians: int = 0
    products: int = 0
    passes: float = 0.0


@dataclass(frozen=True)
class About:
    """What a person should know of the rows: how they were read, what their columns are called, what fits them."""

    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    certified: tuple[float, ...] = ()  # the theta that a reference certifies for these rows, where one does


NOTHING = About()
