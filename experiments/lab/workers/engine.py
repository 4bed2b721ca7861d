"""Cells on this machine, in worker processes that can be killed."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from experiments.lab.measurement.measurement import MeasuredValues, Measurement
from experiments.lab.reference.reference import LabFault, Reference
from experiments.lab.run.cell import Cell
from experiments.lab.run.outcome import Cause, Outcome, Status
from experiments.lab.spec.grammar import SpecError
from experiments.lab.spec.supplied import Named
from experiments.lab.workers import worker
from experiments.lab.workers.environment import environment
from experiments.lab.workers.launching import context
from experiments.lab.workers.threads import announce
from problems.foundation.checks import DataError

REFEREE_SECONDS = 600.0
T = TypeVar("T")
K = TypeVar("K")


class NoReference(Exception):  # noqa: N818
    """The referee could not do its work on a problem; the sentence says why."""


class Local:
    """Workers of this machine: persistent, so that they stay warm, and one cell's hang or crash ends that cell alone.

    memory: bytes that a worker may hold; all of the machine's by default.
    """

    def __init__(self, jobs: int = 1, threads: int = 1, memory: int | None = None) -> None:
        self.jobs, self.threads = jobs, threads
        announce(threads)
        self.pool: Any = ProcessPool(
            max_workers=jobs,
            initializer=worker.prepare,
            initargs=(threads, memory or _physical_memory()),
            context=context(worker.__name__),
        )
        try:
            with _delayed(signal.SIGINT, signal.SIGTERM):  # else a worker could start that is never ended
                _ = self.pool.active
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers and whatever they are doing."""
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

    def references(self, problems: Iterable[Named]) -> Iterator[tuple[Named, Reference]]:
        """Each problem's reference, in order. DataError and SpecError pass through; the rest is NoReference."""
        futures = [
            (problem, self.pool.schedule(worker.find_reference, (problem,), timeout=REFEREE_SECONDS))
            for problem in problems
        ]
        for problem, future in futures:
            try:
                yield problem, future.result()
            except TimeoutError:
                raise NoReference(f"{problem}: the referee found no reference in {REFEREE_SECONDS:g} s") from None
            except ProcessExpired as expired:
                raise NoReference(f"{problem}: the referee's process {how_it_ended(expired.exitcode)}") from None
            except MemoryError:
                raise NoReference(f"{problem}: the referee needs more memory than there is") from None
            except (DataError, SpecError):
                raise
            except LabFault as fault:
                raise NoReference(f"{problem}: a fault of the lab: {fault}; please report it") from None
            except Exception as error:
                raise NoReference(f"{problem}: the referee failed with {type(error).__name__}: {error}") from error

    def outcomes(self, cells: Iterable[tuple[Cell, Reference]]) -> Iterator[tuple[Cell, Outcome]]:
        """Each cell with its outcome, as they finish; they start in order."""
        pending = {
            self.pool.schedule(worker.run, (cell, reference), timeout=cell.rule.kill_seconds): cell
            for cell, reference in cells
        }
        for future, cell in _as_they_finish(pending):
            yield cell, _outcome(future, cell)

    def measure(self, measurements: Iterable[Measurement]) -> Iterator[tuple[Measurement, MeasuredValues]]:
        """Each measurement with its values, as they finish; they start in order."""
        pending = {
            self.pool.schedule(worker.measure, (measurement,), timeout=measurement.seconds): measurement
            for measurement in measurements
        }
        for future, measurement in _as_they_finish(pending):
            yield measurement, _values(future, measurement)


def _as_they_finish(pending: dict[Future[T], K]) -> Iterator[tuple[Future[T], K]]:
    while pending:
        done, _ = wait(pending, return_when=FIRST_COMPLETED)
        for future in done:
            yield future, pending.pop(future)


@contextmanager
def _delayed(*numbers: signal.Signals) -> Iterator[None]:
    """Signals that arrive meanwhile are handled afterwards."""
    if threading.current_thread() is not threading.main_thread():  # signals are the main thread's
        yield
        return
    arrived: list[int] = []
    before = {number: signal.signal(number, lambda number, frame: arrived.append(number)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for late in arrived:
            signal.raise_signal(late)


def _outcome(future: Future[Outcome], cell: Cell) -> Outcome:
    try:
        return future.result()
    except TimeoutError:
        return Outcome(Status.TIMEOUT, f"killed at its deadline of {cell.rule.kill_seconds:g} s")
    except ProcessExpired as expired:
        return Outcome(Status.CRASHED, f"its process {how_it_ended(expired.exitcode)}")
    except MemoryError:
        return Outcome(Status.OOM, "it needs more memory than there is")
    except Exception as error:
        return Outcome(Status.FAILED, f"{type(error).__name__}: {error}", Cause.ERROR)


def _values(future: Future[MeasuredValues], measurement: Measurement) -> MeasuredValues:
    try:
        return future.result()
    except TimeoutError:
        return MeasuredValues(reason=f"killed at its deadline of {measurement.seconds:g} s")
    except ProcessExpired as expired:
        return MeasuredValues(reason=f"its process {how_it_ended(expired.exitcode)}")
    except MemoryError:
        return MeasuredValues(reason="it needs more memory than there is")
    except Exception as error:
        return MeasuredValues(reason=f"{type(error).__name__}: {error}")


def how_it_ended(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"ended with exit code {0 if code == worker.STANDS_FOR_0 else code}"
    known = -code in {number.value for number in signal.Signals}
    return f"was ended by {signal.Signals(-code).name if known else f'signal {-code}'}"


def _physical_memory() -> int | None:
    if sys.platform == "win32":
        return None
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
