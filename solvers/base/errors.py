"""How a method reports that it cannot continue, or that it cannot start."""

from __future__ import annotations


class Breakdown(Exception):  # noqa: N818  (the field's word)
    """The method cannot continue; its message is a sentence that says why."""


class Refusal(Exception):  # noqa: N818
    """The method cannot start from the arguments that it received; its message is a sentence that says why."""
