"""The store: every finished cell on disk at once, once, under a key of all that it depends on."""

from __future__ import annotations

import hashlib
import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self, TypeVar

from experiments.lab.measurement.measurement import MeasuredValues
from experiments.lab.race.race import Race
from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Outcome
from experiments.lab.store.records import (
    Stored,
    StoredOutcome,
    StoredRace,
    StoredReference,
    StoredRun,
    StoredValues,
    plain,
)
from problems.foundation.errors import UserError

SCHEMA = 3
NAME = "cells.sqlite"
WAIT = 60.0  # seconds for another run's write to the same store to end

RUN_NAME = re.compile(r"\w[\w.-]{0,99}")  # it becomes a part of file names
S = TypeVar("S", bound=Stored)
TABLE = """
create table record(kind text not null, key text not null, body text not null, sha256 text not null,
                    primary key(kind, key))
"""
PUT = """
insert into record values(?, ?, ?, ?)
on conflict(kind, key) do update set body = excluded.body, sha256 = excluded.sha256
"""


class StoreError(UserError):
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
        schema = self._schema()
        if schema not in (0, SCHEMA):
            raise StoreError(
                f"{self.path} has schema {schema} and this version reads schema {SCHEMA}; "
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
        stored = self._get("cell", key, StoredOutcome)
        return stored.outcome if stored else None

    def put_outcome(self, key: str, outcome: Outcome) -> None:
        """Keep a finished cell."""
        self._put("cell", key, StoredOutcome(outcome=outcome))

    def reference(self, key: str) -> Reference | None:
        """The reference of that key."""
        stored = self._get("reference", key, StoredReference)
        return stored.restored() if stored else None

    def put_reference(self, key: str, reference: Reference) -> None:
        """Keep a reference."""
        self._put("reference", key, StoredReference.of(reference))

    def values(self, key: str) -> MeasuredValues | None:
        """The finished measurement of that key."""
        stored = self._get("measurement", key, StoredValues)
        return stored.measured if stored else None

    def put_values(self, key: str, measured: MeasuredValues) -> None:
        """Keep a finished measurement."""
        self._put("measurement", key, StoredValues(measured=MeasuredValues(plain(measured.values), measured.reason)))

    def race(self, key: str) -> Race | None:
        """The finished race of that key."""
        stored = self._get("race", key, StoredRace)
        return stored.race if stored else None

    def put_race(self, key: str, race: Race) -> None:
        """Keep a finished race."""
        self._put("race", key, StoredRace(race=race))

    def run(self, name: str) -> StoredRun | None:
        """What the last run of that name was to do."""
        return self._get("run", name, StoredRun)

    def put_run(self, name: str, run: StoredRun) -> None:
        """Keep what a run is to do. StoreError for a name that could be no file's."""
        if not RUN_NAME.fullmatch(name):
            raise StoreError(f"{name!r} cannot name a run: use letters, digits, '.', '_' and '-', at most 100")
        self._put("run", name, run)

    def runs(self) -> list[str]:
        """The names of runs kept here, in the order of their first; a name that is none counts as damaged."""
        query = "select key from record where kind = 'run' order by rowid"
        try:
            names = [str(name) for (name,) in self.db.execute(query)]
        except sqlite3.Error as error:
            raise self._unreadable(error) from None
        self.damaged += [f"run {name[:40]!r}" for name in names if not RUN_NAME.fullmatch(name)]
        return [name for name in names if RUN_NAME.fullmatch(name)]

    def _unreadable(self, error: sqlite3.Error) -> StoreError:
        return StoreError(f"{self.path} cannot be read: {error}; --fresh sets it aside and begins anew")

    def _put(self, kind: str, key: str, body: Stored) -> None:
        text = body.model_dump_json()
        try:
            with self._transaction():
                self.db.execute(PUT, (kind, key, text, digest(kind, key, text)))
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be written: {error}; what was finished before is kept") from None

    def _get(self, kind: str, key: str, model: type[S]) -> S | None:
        """The record of that key; one that is damaged, or is no such record, is set aside and counts as missing."""
        query = "select body, sha256 from record where kind = ? and key = ?"
        try:
            row = self.db.execute(query, (kind, key)).fetchone()
            if row is None:
                return None
            if digest(kind, key, row[0]) == row[1]:
                with suppress(ValueError):
                    return model.model_validate_json(row[0])
            with self._transaction():
                self.db.execute("update record set kind = ? where kind = ? and key = ?", (f"damaged {kind}", kind, key))
        except sqlite3.Error as error:
            raise self._unreadable(error) from None
        self.damaged.append(f"{kind} {key[:12]}")
        return None


def digest(*parts: str) -> str:
    """SHA-256 of texts, in hexadecimal."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogateescape")).hexdigest()
