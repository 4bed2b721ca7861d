"""What the catalogue says of one solver."""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One solver: where its class lives, what the default instance needs, where the method comes from."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str
    variants: tuple[str, ...] = ()  # its entries in a race of all solvers, where that is not the default alone
