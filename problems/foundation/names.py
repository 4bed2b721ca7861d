"""Unknown names: which known one the user may have meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

FEWEST_LETTERS = 2  # of a beginning that suggests a name


def suggestion(name: str, allowed: Iterable[str]) -> str:
    """The end of an error sentence about an unknown name: the close matches, or all names that are allowed.

    >>> suggestion("cholesk", ["cholesky", "qr"])
    'did you mean cholesky?'
    >>> suggestion("tol", ["tolerance", "seconds"])
    'did you mean tolerance?'
    >>> suggestion("svm", ["cholesky", "qr"])
    'there are: cholesky, qr'
    """
    allowed = list(dict.fromkeys(allowed))
    begun = [known for known in allowed if len(name) >= FEWEST_LETTERS and known.startswith(name)]
    close = begun or difflib.get_close_matches(name, allowed)
    return f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(allowed)}"
