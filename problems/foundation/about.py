"""What a user should know about a problem's rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class About:
    """How the rows were read and prepared, the names of their columns, and a certified solution if there is one."""

    notes: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    units: tuple[float, ...] = ()  # what 1 of each column is in the column's own unit; empty where it is 1
    certified: tuple[float, ...] = ()  # the theta that a reference certifies for these rows; empty without one


NOTHING = About()
