"""Functions for the lab to measure: one for each way in which a measurement can end."""

from __future__ import annotations

import os
import time
from typing import Any


def doubled(x: float) -> dict[str, Any]:
    return {"twice": 2 * x, "series": [x, x + 1]}


def raises(x: float) -> dict[str, Any]:
    raise ValueError(f"{x:g} is too much")


def hangs() -> dict[str, Any]:
    time.sleep(60)
    return {}


def exits() -> dict[str, Any]:
    os._exit(0)
