"""What every solver owes, whatever it solves: the contract of `solvers.base.Solver.iterate`."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from experiments.conformance.examples import FIRST, Example, built
from experiments.conformance.failure import Fallen
from problems.forms import Ledger
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Refusal

FEW = 5
SENTENCE = re.compile(r"[a-zA-Z][^\n]{15,}[^\s.]")


def iterates(solver: Any, example: Example, seed: int, most: int = FEW, theta0: Vector | None = None) -> list[Vector]:
    """The first iterates as they were yielded, blocks taken apart; none where the run is refused or breaks down."""
    start = example.start() if theta0 is None else theta0

    def singly() -> Iterator[Vector]:
        on = example.on.metered(Ledger())
        with np.errstate(all="ignore"):
            for new in solver.iterate(on, start, np.random.default_rng(seed)):
                yield from new if getattr(new, "ndim", 1) == 2 else [new]

    found: list[Vector] = []
    try:
        found.extend(islice(singly(), most))
    except (Refusal, Breakdown) as told:
        _sentence(str(told))
    return found


def _sentence(text: str) -> None:
    if not SENTENCE.fullmatch(text):
        raise Fallen(f"a refusal must be a sentence without a full stop; it says {text!r}")


def refuses_in_a_sentence(solver: Any, example: str) -> None:
    """Every problem that it cannot take is refused in a sentence."""
    objection = solver.objection(built(FIRST[example]))
    if objection is not None:
        _sentence(objection)


def yields_vectors(solver: Any, example: Example) -> None:
    """Every iterate is a float64 vector of the problem's length; there is at least one unless it says why not."""
    dim = example.on.dim
    for theta in iterates(solver, example, example.seed):
        if not isinstance(theta, np.ndarray) or theta.dtype != np.float64 or theta.shape != (dim,):
            what = f"{theta.dtype} of shape {theta.shape}" if isinstance(theta, np.ndarray) else type(theta).__name__
            raise Fallen(f"it yielded {what}; float64 of shape ({dim},) is wanted")


def leaves_theta0_alone(solver: Any, example: Example) -> None:
    """theta_0 is as it was, and no iterate shares its memory."""
    on, theta0 = example.on.metered(Ledger()), example.start()
    before = theta0.tobytes()
    try:
        with np.errstate(all="ignore"):
            for new in islice(solver.iterate(on, theta0, np.random.default_rng(0)), FEW):
                if np.shares_memory(new, theta0):
                    raise Fallen("it yielded theta_0 itself, or an array that shares its memory")
                if theta0.tobytes() != before:
                    raise Fallen("it wrote into theta_0")
    except (Refusal, Breakdown):
        pass
    if theta0.tobytes() != before:
        raise Fallen("it wrote into theta_0")


def yields_fresh_arrays(solver: Any, example: Example) -> None:
    """No yielded array is written again, and no two share memory."""
    on = example.on.metered(Ledger())
    kept: list[tuple[Vector, bytes]] = []
    try:
        with np.errstate(all="ignore"):
            for new in islice(solver.iterate(on, example.start(), np.random.default_rng(0)), FEW):
                for k, (earlier, before) in enumerate(kept, start=1):
                    if np.shares_memory(new, earlier):
                        raise Fallen(f"yield {len(kept) + 1} shares its memory with yield {k}: each must be fresh")
                    if earlier.tobytes() != before:
                        raise Fallen(f"yield {k} was written again after it had been yielded")
                kept.append((new, new.tobytes()))
    except (Refusal, Breakdown):
        pass


def is_repeatable(solver: Any, example: Example) -> None:
    """The same seed gives the same iterates, whatever the global generators stand at."""

    def run(elsewhere: int) -> list[bytes]:
        np.random.seed(elsewhere)  # noqa: NPY002  (what is to be shown is that it does not matter)
        random.seed(elsewhere)
        return [theta.tobytes() for theta in iterates(solver, example, example.seed)]

    first = run(1)
    if run(2) != first:
        cause = "randomness that is not its rng's" if run(1) == first else "something that is not the same twice"
        raise Fallen(f"two runs with one seed differ: it uses {cause}")


def leaves_the_problem_alone(solver: Any, example: Example) -> None:
    """The problem's data are as they were."""
    before = [array.tobytes() for array in arrays(example.on)]
    iterates(solver, example, example.seed)
    if [array.tobytes() for array in arrays(example.on)] != before:
        raise Fallen("it wrote into the problem's data")


def arrays(thing: Any, depth: int = 3) -> Iterator[np.ndarray[Any, Any]]:
    """All arrays that an object holds, in it or in what it holds."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif depth and hasattr(thing, "__dict__"):
        for held in vars(thing).values():
            yield from arrays(held, depth - 1)


def charges_its_work(solver: Any, example: Example) -> None:
    """What is asked of the problem is charged to the ledger that came with it."""
    ledger = Ledger()
    try:
        with np.errstate(all="ignore"):
            list(islice(solver.iterate(example.on.metered(ledger), example.start(), np.random.default_rng(0)), 2))
    except (Refusal, Breakdown):
        return
    if ledger == Ledger() and not (isinstance(solver, BlackBox) and solver.opaque):
        raise Fallen("its ledger is empty after two iterates: it reads data without charging for them")
