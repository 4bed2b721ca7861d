"""Rows of the catalogues: what can be read about a problem, a solver or an experiment without importing it."""

from __future__ import annotations

from typing import NamedTuple


class ProblemEntry(NamedTuple):
    """One problem: where its factory is, what it promises with default parameters, where it comes from."""

    place: str
    family: str
    summary: str
    promises: tuple[str, ...]
    source: str


class SolverEntry(NamedTuple):
    """One solver: where its class is, what the default instance needs, where the method comes from."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str
    variants: tuple[str, ...] = ()  # its entries in a race of all solvers, where that is not the default alone


class ExperimentEntry(NamedTuple):
    """One experiment: the module that asks and answers, and what it asks."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str
