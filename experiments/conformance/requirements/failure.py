"""How the test of a property says that a solver lacks it."""

from __future__ import annotations


class PropertyFailed(Exception):  # noqa: N818
    """A solver lacks a property; the sentence says what was observed."""
