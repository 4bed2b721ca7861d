"""Signals that ask the process to end, turned into an exception."""

from __future__ import annotations

import signal
import sys
import threading
from _thread import interrupt_main
from typing import Any, NoReturn

AGAIN = 0.01  # seconds after which an interrupt that Python ignored is raised again


class Interrupted(BaseException):
    """A signal asked the process to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def listen() -> None:
    """From now on raise Interrupted on Ctrl-C, termination and hang-up, except where the signal is ignored (nohup)."""
    for number in filter(None, (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    others = sys.unraisablehook

    def unraisable(ignored: Any) -> None:
        """Python ignores exceptions in callbacks and destructors; an interrupt that arrives there must not be lost."""
        if isinstance(ignored.exc_value, Interrupted):
            timer = threading.Timer(AGAIN, _send, [ignored.exc_value.number])
            timer.daemon = True
            timer.start()
        else:
            others(ignored)

    sys.unraisablehook = unraisable


def _send(number: int) -> None:
    """Send the signal to the main thread; where it can be, so that it ends a wait."""
    if sys.platform == "win32":
        interrupt_main(number)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, number)


def interruption(error: BaseException | None) -> Interrupted | None:
    """The interrupt that `error` is or that caused it: an import that is interrupted raises an error of its own."""
    while error is not None and not isinstance(error, Interrupted):
        error = error.__cause__ or error.__context__
    return error


def _interrupt(number: int, frame: object) -> NoReturn:
    raise Interrupted(number)
