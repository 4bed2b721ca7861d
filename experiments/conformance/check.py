"""All properties of one solver, each in a process that may hang or die."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from time import time

from pebble import ProcessExpired

from experiments.conformance.examine import Finding, examine, sentences
from experiments.lab.workers.engine import Local, ending

SECONDS = 30.0  # without a word from one example, compiling included, after which a solver is said to hang
POLL = 0.2


def check(spec: str, seconds: float = SECONDS, most: int | None = None) -> Iterator[Finding]:
    """What became of each property, as it is found. Raises SpecError for a solver that cannot be built.

    most: examples of each property, at most.  A solver that hangs or ends its process loses that property and is not
    asked for the others: each would end the same way.
    """
    with tempfile.TemporaryDirectory() as folder, Local() as engine:
        log = Path(folder, "example")
        asked = engine.submit(sentences, spec).result()
        for number, sentence in enumerate(asked):
            log.write_text("", encoding="utf-8")
            future = engine.submit(examine, spec, number, str(log), most)
            try:
                if _heard(future, log, seconds):
                    yield future.result()
                    continue
                seen = f"it did not come back within {seconds:g} s"
            except ProcessExpired as expired:
                seen = f"its process {ending(expired.exitcode)}"
            yield Finding(sentence, "fell", 1, seen, log.read_text(encoding="utf-8"))
            for other in asked[number + 1 :]:
                yield Finding(other, "not tried")
            return


def _heard(future: Future[Finding], log: Path, seconds: float) -> bool:
    """Wait for the end; False, and its process ended, where one example takes too long."""
    while True:
        try:
            future.result(timeout=POLL)
        except TimeoutError:
            if future.done() or time() - log.stat().st_mtime <= seconds:
                continue
            future.cancel()
            return False
        return True
