"""An interrupt ends the command wherever it arrives."""

from __future__ import annotations

import signal
import sys
import time
import weakref
from collections.abc import Iterator

import pytest

from experiments.cli.common.interrupts import Interrupted, listen


@pytest.fixture
def listening() -> Iterator[None]:
    numbers = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before, hook = {number: signal.getsignal(number) for number in numbers}, sys.unraisablehook
    for number in before:
        signal.signal(number, signal.SIG_DFL)  # a job in the background ignores SIGINT, and so would this test
    listen()
    yield
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


class Target:
    """Something that a weak reference can point to."""


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_in_a_callback_whose_errors_python_ignores_is_not_lost(number: signal.Signals) -> None:
    target = Target()
    reference = weakref.ref(target, lambda dead: signal.raise_signal(number))
    with pytest.raises(Interrupted) as raised:  # noqa: PT012
        del target
        assert reference() is None
        time.sleep(5)
    assert raised.value.number == number
