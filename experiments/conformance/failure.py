"""How a property says that it does not hold."""

from __future__ import annotations


class Fallen(Exception):  # noqa: N818
    """The property does not hold; the sentence says what was seen."""
