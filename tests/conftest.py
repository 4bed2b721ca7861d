"""What all tests share: fixed threads, seeded examples, and the problems small enough to run whole."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from experiments.lab.workers.threads import announce

announce(1)  # before numpy loads, as the lab does
settings.register_profile("solverlab", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("solverlab")


@pytest.fixture(scope="session")
def engine() -> Iterator[object]:
    from experiments.lab.workers.engine import Local

    with Local() as local:
        yield local
