"""A function called in a process of its own, which ends with it."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from experiments.lab.workers import worker
from experiments.lab.workers.launching import BASE, context


class NoAnswer(Exception):  # noqa: N818
    """The process ended, or was ended, before it answered; the sentence says which."""


def in_new_process(function: Callable[..., Any], *args: Any, threads: int = 1, seconds: float) -> Any:
    """function(*args) in a new worker process, which is killed after so many seconds. Raises NoAnswer."""
    receiving, sending = BASE.Pipe(duplex=False)
    process = context(worker.__name__).Process(target=_answer, args=(sending, threads, function, args), daemon=True)
    process.start()
    sending.close()
    try:
        if not receiving.poll(seconds):
            raise NoAnswer(f"killed after {seconds:g} s")
        value, error = receiving.recv()
    except EOFError:
        raise NoAnswer("its process ended without an answer") from None
    finally:
        process.kill()
        process.join()
        receiving.close()
    if error:
        raise NoAnswer(error)
    return value


def _answer(sending: Connection, threads: int, function: Callable[..., Any], args: tuple[Any, ...]) -> None:
    worker.prepare(threads, None)
    try:
        sending.send((function(*args), ""))
    except Exception as error:
        sending.send((None, f"{type(error).__name__}: {error}"))
