"""Signals that ask the process to end, turned into an exception."""

from __future__ import annotations

import signal
from typing import NoReturn


class Interrupted(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def listen() -> None:
    """From now on raise Interrupted on Ctrl-C, termination and hang-up, except where the signal is ignored (nohup)."""
    for number in filter(None, (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)


def interruption(error: BaseException | None) -> Interrupted | None:
    """The interrupt that `error` is or that caused it: an import that is interrupted raises an error of its own."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
    return error


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted(number)
