"""Signals that ask the process to end, as an exception that unwinds it."""

from __future__ import annotations

import signal
from typing import NoReturn


class Interrupted(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def listen() -> None:
    """From now on raise Interrupted for Ctrl-C, termination and hang-up; not where the last is ignored, as by nohup."""
    for number in filter(None, (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def interruption(error: BaseException | None) -> Interrupted | None:
    """The interrupt that `error` is, or that it came of: an import that is cut short wraps what cut it."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
    return error


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted(number)
