"""Testing all properties of one solver, in a process that may hang or end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from time import time

from pebble import ProcessExpired

from experiments.conformance.examine import Finding, Verdict, examine, sentences
from experiments.lab.spec.supplied import Named
from experiments.lab.workers.engine import Local, how_it_ended

SECONDS = 30.0  # for one example, compilation included, after which a solver is said to hang
POLL = 0.2  # seconds


def check(solver: Named, seconds: float = SECONDS, most_examples: int | None = None) -> Iterator[Finding]:
    """The result of each property, as soon as it is tested. Raises SpecError for a solver that cannot be built.

    seconds: for one example. most_examples: of each property; as many as the property says by default. If a solver
    hangs or ends its process, that property fails and the later ones are not tried: they would end in the same way.
    """
    with tempfile.TemporaryDirectory() as folder, Local() as engine:
        log = Path(folder, "example")
        all_sentences = engine.submit(sentences, solver).result()
        for number, sentence in enumerate(all_sentences):
            log.write_text("", encoding="utf-8")
            future = engine.submit(examine, solver, number, str(log), most_examples)
            try:
                if _finished(future, log, seconds):
                    yield future.result()
                    continue
                observed = f"it did not return within {seconds:g} s"
            except ProcessExpired as expired:
                observed = f"its process {how_it_ended(expired.exitcode)}"
            yield Finding(sentence, Verdict.FAILED, 1, observed, log.read_text(encoding="utf-8"))
            for later in all_sentences[number + 1 :]:
                yield Finding(later, Verdict.NOT_TRIED)
            return


def _finished(future: Future[Finding], log: Path, seconds: float) -> bool:
    """Wait for the result. If one example takes too long, end its process and return False."""
    while True:
        try:
            future.result(timeout=POLL)
        except TimeoutError:
            if future.done() or time() - log.stat().st_mtime <= seconds:
                continue
            future.cancel()
            return False
        return True
