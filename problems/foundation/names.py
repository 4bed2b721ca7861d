"""Names that a person wrote, against the names there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def meant(name: str, allowed: Iterable[str]) -> str:
    """What a person who wrote `name` may have meant, to end a refusal with.

    >>> meant("cholesk", ["cholesky", "qr"])
    'did you mean cholesky?'
    >>> meant("svm", ["cholesky", "qr"])
    'there are: cholesky, qr'
    """
    allowed = list(allowed)
    close = difflib.get_close_matches(name, allowed)
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(allowed)}"
