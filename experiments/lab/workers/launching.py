"""How worker processes start: without the user's main module, and without the working directory on their path."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, resource_tracker, spawn
from pathlib import Path
from typing import Any

ROOT = str(Path(__file__).resolve().parents[3])  # of problems, solvers and experiments
STARTING = threading.Lock()


METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
BASE: Any = multiprocessing.get_context(METHOD)


class WorkerProcess(BASE.Process):  # type: ignore[misc]
    """A process that does not import the user's main module again.

    What workers run travels by name or by value, so that a script needs no guard against being imported.
    """

    @staticmethod
    def _Popen(process: Any) -> Any:  # noqa: N802  (multiprocessing's name)
        with STARTING, _own_preparation():
            return BASE.Process._Popen(process)


class WorkerContext(type(BASE)):  # type: ignore[misc]
    """The context of worker processes."""

    Process = WorkerProcess


def context(preload: str) -> Any:
    """The context of worker processes; by a fork server that has imported `preload`, where there are fork servers."""
    if METHOD == "forkserver":
        BASE.set_forkserver_preload([preload])
        resource_tracker.ensure_running()  # it would unblock the signal again
        with _blocked(signal.SIGINT), _safe_path():  # both are inherited
            forkserver.ensure_running()
    return WorkerContext()


@contextmanager
def _own_preparation() -> Iterator[None]:
    """What multiprocessing tells a new process, without the main module and with Solver Lab's own packages first."""
    original = spawn.get_preparation_data

    def preparation(name: str) -> dict[str, Any]:
        data = original(name)
        data.pop("init_main_from_name", None)
        data.pop("init_main_from_path", None)
        if sys.platform == "win32":  # elsewhere the fork server has imported the packages already
            data["sys_path"] = [ROOT, *data["sys_path"]]
        return data

    spawn.get_preparation_data = preparation
    try:
        yield
    finally:
        spawn.get_preparation_data = original


@contextmanager
def _safe_path() -> Iterator[None]:
    """Processes that start here do not search the working directory, where a module may hide one of ours."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONSAFEPATH"]
        else:
            os.environ["PYTHONSAFEPATH"] = before


@contextmanager
def _blocked(number: signal.Signals) -> Iterator[None]:
    """Processes that start here ignore this signal from their first moment on."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
