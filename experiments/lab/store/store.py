"""The store: every finished cell on disk at once, once, under a key of all that it depends on."""

from __future__ import annotations

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

import numpy as np

from experiments.lab.measurement.measurement import Reading
from experiments.lab.reference.referee import Reference
from experiments.lab.run.cell import Outcome
from experiments.lab.run.trace import Sample
from solvers.base import Rate
from solvers.base.spectrum import Spectrum

SCHEMA = 2
NAME = "cells.sqlite"
WAIT = 60.0  # seconds for another run's write to the same store to end

TABLE = """
create table record(kind text not null, key text not null, body text not null, sha256 text not null,
                    primary key(kind, key))
"""
PUT = """
insert into record values(?, ?, ?, ?)
on conflict(kind, key) do update set body = excluded.body, sha256 = excluded.sha256
"""


class StoreError(Exception):
    """The store cannot be used; the sentence names its file and what would help."""


class Store:
    """Results in SQLite: one transaction a row, a SHA-256 a row, safe against kill -9 and against a second run.

    A row whose bytes do not match its digest is kept under another kind and counts as missing: `damaged` names
    those that were met.
    """

    def __init__(self, folder: Path, *, fresh: bool = False) -> None:
        self.path = folder / NAME
        self.damaged: list[str] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if fresh:
                self._set_aside()
            self.db = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
            with ExitStack() as undo:
                undo.callback(self.db.close)
                self._open()
                undo.pop_all()
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"{self.path} cannot be written: {error}; choose another folder with --out") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.db.close()

    def _open(self) -> None:
        found = self._schema()
        if found not in (0, SCHEMA):
            raise StoreError(
                f"{self.path} has schema {found} and this version reads schema {SCHEMA}; "
                "use --fresh to set it aside and begin anew, or --out for another folder"
            )
        self._write_ahead()
        self.db.execute("pragma synchronous = normal")
        with self._transaction():
            if self._schema() == 0:  # still: another run may have been first
                self.db.execute(TABLE)
                self.db.execute(f"pragma user_version = {SCHEMA}")

    def _write_ahead(self) -> None:
        """Set SQLite's WAL mode; that alone does not wait for another run that is opening the same file."""
        patience = time.monotonic() + WAIT
        while self.db.execute("pragma journal_mode").fetchone() != ("wal",):
            try:
                self.db.execute("pragma journal_mode = wal")
            except sqlite3.OperationalError:
                if time.monotonic() > patience:
                    raise
                time.sleep(0.05)

    def _schema(self) -> int:
        return int(self.db.execute("pragma user_version").fetchone()[0])

    def _set_aside(self) -> None:
        if self.path.exists():
            number = 1
            while (old := self.path.with_suffix(f".{number}.sqlite")).exists():
                number += 1
            self.path.rename(old)
            for tail in ("-wal", "-shm"):
                companion = Path(f"{self.path}{tail}")
                if companion.exists():
                    companion.rename(f"{old}{tail}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.db.execute("begin immediate")
        try:
            yield
            self.db.execute("commit")
        except BaseException:
            if self.db.in_transaction:  # a full disk has rolled back already
                self.db.execute("rollback")
            raise

    def outcome(self, key: str) -> Outcome | None:
        """The finished cell of that key."""
        body = self._get("cell", key)
        return body and _outcome(body)

    def put_outcome(self, key: str, outcome: Outcome) -> None:
        """Keep a finished cell."""
        self._put("cell", key, asdict(outcome))

    def reference(self, key: str) -> Reference | None:
        """The reference of that key."""
        body = self._get("reference", key)
        return body and _reference(body)

    def put_reference(self, key: str, reference: Reference) -> None:
        """Keep a reference."""
        self._put("reference", key, asdict(reference))

    def reading(self, key: str) -> Reading | None:
        """The finished trial of that key."""
        body = self._get("trial", key)
        return body and Reading(**body)

    def put_reading(self, key: str, reading: Reading) -> None:
        """Keep a finished trial."""
        self._put("trial", key, asdict(reading))

    def run(self, name: str) -> dict[str, Any] | None:
        """What the last run of that name was to do."""
        body: dict[str, Any] | None = self._get("run", name)
        return body

    def put_run(self, name: str, body: dict[str, Any]) -> None:
        """Keep what a run is to do."""
        self._put("run", name, body)

    def runs(self) -> list[str]:
        """The names of runs kept here, in the order of their first."""
        query = "select key from record where kind = 'run' order by rowid"
        try:
            return [name for (name,) in self.db.execute(query)]
        except sqlite3.Error as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"{self.path} cannot be read: {error}; --fresh sets it aside and begins anew")

    def _put(self, kind: str, key: str, body: dict[str, Any]) -> None:
        text = json.dumps(plain(body), allow_nan=False)
        try:
            with self._transaction():
                self.db.execute(PUT, (kind, key, text, digest(kind, key, text)))
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be written: {error}; what was finished before is kept") from None

    def _get(self, kind: str, key: str) -> Any:
        query = "select body, sha256 from record where kind = ? and key = ?"
        try:
            row = self.db.execute(query, (kind, key)).fetchone()
            if row is None or digest(kind, key, row[0]) == row[1]:
                return row and json.loads(row[0])
            with self._transaction():
                self.db.execute("update record set kind = ? where kind = ? and key = ?", (f"damaged {kind}", kind, key))
        except sqlite3.Error as error:
            raise self._unreadable(error) from None
        self.damaged.append(f"{kind} {key[:12]}")
        return None


def digest(*parts: str) -> str:
    """SHA-256 of texts, in hexadecimal."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()


def plain(value: Any) -> Any:
    """The value as JSON can hold it: what is not finite becomes null, numpy's numbers Python's.

    >>> plain({"gap": float("inf"), "trace": ((1, 0.5),)})
    {'gap': None, 'trace': [[1, 0.5]]}
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _outcome(body: dict[str, Any]) -> Outcome:
    body["gap"] = math.inf if body["gap"] is None else body["gap"]
    body["trace"] = [
        Sample(k, s, p, math.inf if gap is None else gap, violation) for k, s, p, gap, violation in body["trace"]
    ]
    for name in ("predicted", "observed"):
        body[name] = Rate(**body[name]) if body[name] else None
    return Outcome(**body)


def _reference(body: dict[str, Any]) -> Reference:
    body["lower"] = -math.inf if body["lower"] is None else body["lower"]
    body["upper"] = math.inf if body["upper"] is None else body["upper"]
    if body["spectrum"]:
        body["spectrum"] = Spectrum(np.array(body["spectrum"]["eigenvalues"]), body["spectrum"]["start"])
    for name in ("notes", "columns"):
        body[name] = tuple(body[name])
    return Reference(**body)
