"""Cells on this machine, in worker processes that can be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from experiments.lab.measurement.measurement import Reading, Trial
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Cell, Outcome
from experiments.lab.spec.grammar import SpecError
from experiments.lab.workers import worker
from experiments.lab.workers.environment import environment
from experiments.lab.workers.threads import announce
from problems.foundation.checks import DataError

REFEREE_SECONDS = 600.0
T = TypeVar("T")
K = TypeVar("K")


class NoReference(Exception):  # noqa: N818
    """The referee could not do its work on a problem; the sentence says why."""


class Local:
    """Workers of this machine: persistent, so that they stay warm, and one cell's hang or crash ends that cell alone.

    memory: bytes that a worker may hold; all of the machine's where it is left out.
    """

    def __init__(self, jobs: int = 1, threads: int = 1, memory: int | None = None) -> None:
        self.jobs, self.threads = jobs, threads
        announce(threads)
        method = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
        context: Any = multiprocessing.get_context(method)
        if method == "forkserver":
            context.set_forkserver_preload([worker.__name__])
            resource_tracker.ensure_running()  # it would unblock the signal again
            with _blocked(signal.SIGINT):  # inherited: how what starts here ends is for the lab to say
                forkserver.ensure_running()
        self.pool: Any = ProcessPool(
            max_workers=jobs,
            initializer=worker.prepare,
            initargs=(threads, memory or _physical_memory()),
            context=context,
        )
        try:
            with _held(signal.SIGINT, signal.SIGTERM):  # else a worker could start that nobody knows of
                _ = self.pool.active
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers and whatever they are at."""
        self.pool.stop()
        self.pool.join()

    def submit(self, function: Callable[..., T], *args: Any) -> Future[T]:
        """function(*args) in a worker; to cancel the future is to end the worker."""
        future: Future[T] = self.pool.schedule(function, args)
        return future

    def environment(self) -> dict[str, Any]:
        """The record of what the workers run on."""
        record: dict[str, Any] = self.pool.schedule(environment, (self.threads, self.jobs)).result()
        return record

    def references(self, problems: Iterable[str]) -> Iterator[tuple[str, Reference]]:
        """Each problem's reference, in order. DataError and SpecError pass through; the rest is NoReference."""
        futures = [(spec, self.pool.schedule(worker.referee, (spec,), timeout=REFEREE_SECONDS)) for spec in problems]
        for spec, future in futures:
            try:
                yield spec, future.result()
            except TimeoutError:
                raise NoReference(f"{spec}: the referee found no reference in {REFEREE_SECONDS:g} s") from None
            except ProcessExpired as expired:
                raise NoReference(f"{spec}: the referee's process {ending(expired.exitcode)}") from None
            except MemoryError:
                raise NoReference(f"{spec}: the referee needs more memory than there is") from None
            except (DataError, SpecError):
                raise
            except Exception as error:
                raise NoReference(f"{spec}: the referee failed with {type(error).__name__}: {error}") from error

    def outcomes(self, cells: Iterable[tuple[Cell, Reference]]) -> Iterator[tuple[Cell, Outcome]]:
        """Each cell with what came of it, as they finish; they start in order."""
        for future, cell in _as_they_finish(
            {
                self.pool.schedule(worker.measure, (cell, reference), timeout=cell.rule.hard): cell
                for cell, reference in cells
            }
        ):
            yield cell, _outcome(future, cell)

    def readings(self, trials: Iterable[Trial]) -> Iterator[tuple[Trial, Reading]]:
        """Each trial with what came of it, as they finish; they start in order."""
        for future, trial in _as_they_finish(
            {self.pool.schedule(worker.read, (trial,), timeout=trial.seconds): trial for trial in trials}
        ):
            yield trial, _reading(future, trial)


def _as_they_finish(pending: dict[Future[T], K]) -> Iterator[tuple[Future[T], K]]:
    while pending:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            yield future, pending.pop(future)


@contextmanager
def _blocked(number: signal.Signals) -> Iterator[None]:
    """Processes that start here are deaf to this signal from their first moment on."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _held(*numbers: signal.Signals) -> Iterator[None]:
    """Signals that come meanwhile are answered afterwards."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    came: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: came.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in came:
            signal.raise_signal(late)


def _outcome(future: Future[Outcome], cell: Cell) -> Outcome:
    try:
        return future.result()
    except TimeoutError:
        return Outcome("timeout", f"killed at its deadline of {cell.rule.hard:g} s")
    except ProcessExpired as expired:
        return Outcome("crashed", f"its process {ending(expired.exitcode)}")
    except MemoryError:
        return Outcome("oom", "it asked for more memory than there is")
    except Exception as error:
        return Outcome("failed", f"{type(error).__name__}: {error}")


def _reading(future: Future[Reading], trial: Trial) -> Reading:
    try:
        return future.result()
    except TimeoutError:
        return Reading(reason=f"killed at its deadline of {trial.seconds:g} s")
    except ProcessExpired as expired:
        return Reading(reason=f"its process {ending(expired.exitcode)}")
    except MemoryError:
        return Reading(reason="it asked for more memory than there is")
    except Exception as error:
        return Reading(reason=f"{type(error).__name__}: {error}")


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {0 if code == worker.NOUGHT else code}"
    known = -code in {number.value for number in signal.Signals}
    return f"was ended by {signal.Signals(-code).name if known else f'signal {-code}'}"


def _physical_memory() -> int | None:
    if sys.platform == "win32":
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
