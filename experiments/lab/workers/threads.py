"""How many threads numerical libraries may use: fixed before they load, the same for every solver."""

from __future__ import annotations

import os

VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
)


def announce(threads: int) -> None:
    """Tell processes started from now on; libraries read this once, when they load."""
    for name in VARIABLES:
        os.environ[name] = str(threads)


def enforce(threads: int) -> None:
    """Hold libraries to it that have loaded already."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(threads)
