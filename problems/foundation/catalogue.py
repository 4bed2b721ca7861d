"""Rows of the catalogues: what can be read about an entry without importing it."""

from __future__ import annotations

from typing import NamedTuple


class ProblemEntry(NamedTuple):
    """One problem: the place of its factory, the forms that it promises with default parameters, its source."""

    place: str
    family: str
    summary: str
    promises: tuple[str, ...]
    source: str


class DataEntry(NamedTuple):
    """One source of data: the place of its class, and what it can make for a problem."""

    place: str
    family: str
    summary: str
    makes: tuple[str, ...]
    source: str


class SolverEntry(NamedTuple):
    """One solver: the place of its class, the forms that the default instance needs, the source of the method."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str
    variants: tuple[str, ...] = ()  # its entries in a comparison of all solvers; empty: the default instance alone


class ExperimentEntry(NamedTuple):
    """One experiment: its module, and the question that it asks."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str
