"""Numbers as sentences, tables and figures show them."""

from __future__ import annotations

import math
from typing import Any

from solvers.base import Rate


def percent(share: float) -> str:
    """A share in per cent, never rounded to all or nothing.

    >>> [percent(x) for x in (1.0, 0.9996, 0.75)]
    ['100%', '99.9%', '75%']
    """
    return f"{math.floor(1000 * share) / 10:g}%"


def rate_text(rate: Rate | None) -> str:
    """A rate as tables show it.

    >>> rate_text(Rate(0.5)), rate_text(Rate(0.99984)), rate_text(Rate(0.0, order=2)), rate_text(None)
    ('0.5', '1 - 0.00016', 'quadratic', '')
    """
    if rate is None:
        return ""
    if rate.order == 2:
        return "quadratic"
    near_one = 0.99 < rate.factor < 1
    return f"1 - {1 - rate.factor:.2g}" if near_one else f"{rate.factor:.3g}"


def ratio_text(ratio: float) -> str:
    """A ratio, to two digits.

    >>> ratio_text(1.234), ratio_text(213.0), ratio_text(20)
    ('1.2x', '210x', '20x')
    """
    return f"{float(f'{ratio:.2g}'):.15g}x"


def duration(seconds: float) -> str:
    """Seconds in a unit that suits them, to three digits.

    >>> [duration(t) for t in (0.00012345, 0.0421, 3.14159)]
    ['123 us', '42.1 ms', '3.14 s']
    """
    for unit, scale in (("us", 1e-6), ("ms", 1e-3)):
        if seconds < 999.5 * scale:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.3g} s"


def storage(size: float) -> str:
    """Bytes in a unit that suits them, each 1024 times the one before, to three digits.

    >>> [storage(x) for x in (512, 4 * 4096**2, 4 * 65536**2)]
    ['512 B', '64 MB', '16 GB']
    """
    unit = "B"
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5 or unit == "GB":
            break
        size /= 1024
    return f"{float(f'{size:.3g}'):.15g} {unit}"


def table_cell(value: Any) -> str:
    """A cell of a table as it is shown: numbers to four digits, nothing for None.

    >>> [table_cell(x) for x in (0.123456, 1234567, None, True, "a")]
    ['0.1235', '1234567', '', 'yes', 'a']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def capitalised(text: str) -> str:
    """The text as the begin of a sentence; the function f keeps its letter.

    >>> capitalised("f is not finite"), capitalised("it is not symmetric")
    ('f is not finite', 'It is not symmetric')
    """
    return text if text.startswith("f ") else text[:1].upper() + text[1:]
