"""How a method says that it cannot go on, or cannot begin."""

from __future__ import annotations


class Breakdown(Exception):  # noqa: N818  (the field's word)
    """The method cannot go on; the sentence says why."""


class Refusal(Exception):  # noqa: N818
    """The method cannot begin from what it was given; the sentence says why."""
