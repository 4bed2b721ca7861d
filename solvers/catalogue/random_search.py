"""Solvers that go by chance."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {}
