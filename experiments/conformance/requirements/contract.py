"""What every solver must do on every problem: the contract of `solvers.base.Solver.iterate`."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Any

import numpy as np

from experiments.conformance.cases.examples import REPRESENTATIVES, Example, built
from experiments.conformance.requirements.failure import PropertyFailed
from experiments.conformance.requirements.guarded import Guarded
from problems.forms import Ledger
from problems.foundation.arrays import Vector
from solvers.base import BlackBox, Breakdown, Refusal, driving

FEW = 5  # iterates of a black box, each of which may be a run of its own
MANY = 300  # iterates or yields of a solver, enough for what it does only after a while
MEMORY = 1e6  # bytes of iterates, of which no more are kept
SHORT = 1024.0  # a multiple of 1/SHORT may be exact in float32 by chance
TINY = 1e-6  # times the largest number, or 1: a number that is rounding has few digits
SEVERAL = 20  # numbers whose precision is no chance
SENTENCE = re.compile(r"[a-zA-Z][^\n]{15,}[^\s.]")


def stepping(
    solver: Any, example: Any, seed: int, theta0: Vector | None = None, ledger: Ledger | None = None
) -> Iterator[Vector]:
    """The iterates one by one, until the solver ends, refuses or breaks down.

    example: what has a `problem` and a `start()`, from which the solver starts unless theta0 is given.
    ledger: a new one by default.
    """
    start = example.start() if theta0 is None else theta0
    try:
        yield from driving.iterates(solver, example.problem.metered(ledger or Ledger()), start, seed)
    except (Refusal, Breakdown) as error:
        _check_sentence(str(error))


def iterates(
    solver: Any, example: Example, seed: int, most: int | None = None, ledger: Ledger | None = None
) -> list[Vector]:
    """The first iterates, as many as show the contract by default; fewer where the solver ends or gives up before."""
    with np.errstate(all="ignore"):
        return list(islice(stepping(solver, example, seed, ledger=ledger), most or _enough(solver)))


def _enough(solver: Any) -> int:
    return FEW if isinstance(solver, BlackBox) else MANY


def _yields(solver: Any, problem: Any, theta0: Vector) -> list[tuple[Any, bytes]]:
    """The first arrays as the solver yields them, blocks included, each with its bytes at that moment."""
    yielded = []
    try:
        with np.errstate(all="ignore"):
            for new in islice(solver.iterate(problem, theta0, np.random.default_rng(0)), _enough(solver)):
                yielded.append((new, new.tobytes()))
                if new.nbytes * len(yielded) > MEMORY:  # it yields blocks
                    break
    except (Refusal, Breakdown):
        pass
    return yielded


def _check_sentence(text: str) -> None:
    if not SENTENCE.fullmatch(text):
        raise PropertyFailed(f"a refusal must be a sentence without a full stop; this one is {text!r}")


def refuses_in_a_sentence(solver: Any, kind: str) -> None:
    """A problem that the solver cannot take is refused, with the reason in a sentence."""
    objection = solver.objection(built(REPRESENTATIVES[kind]))
    if objection is not None:
        _check_sentence(objection)


def yields_vectors(solver: Any, example: Example) -> None:
    """Every iterate is a float64 vector of the problem's length."""
    shape = (example.problem.dim,)
    for theta in iterates(solver, example, example.seed):
        if not isinstance(theta, np.ndarray) or theta.dtype != np.float64 or theta.shape != shape:
            what = f"{theta.dtype} of shape {theta.shape}" if isinstance(theta, np.ndarray) else type(theta).__name__
            raise PropertyFailed(f"it yielded {what}; it must yield float64 of shape {shape}")


def leaves_theta0_alone(solver: Any, example: Example) -> None:
    """The solver does not write into theta_0, and no iterate shares memory with it."""
    theta0 = example.start()
    before = theta0.tobytes()
    yielded = _yields(solver, example.problem.metered(Ledger()), theta0)
    if theta0.tobytes() != before:
        raise PropertyFailed("it wrote into theta_0")
    if any(np.shares_memory(array, theta0) for array, _ in yielded):
        raise PropertyFailed("it yielded theta_0 itself, or an array that shares memory with it")


def yields_fresh_arrays(solver: Any, example: Example) -> None:
    """The solver does not write into an array that it has yielded, and no two of them share memory."""
    yielded = _yields(solver, example.problem.metered(Ledger()), example.start())
    places = sorted((*np.lib.array_utils.byte_bounds(array), k) for k, (array, _) in enumerate(yielded, start=1))
    for (_, end, k), (start, _, other) in pairwise(places):
        if start < end:
            first, later = sorted((k, other))
            raise PropertyFailed(f"yield {later} shares memory with yield {first}: every array must be fresh")
    for k, (array, before) in enumerate(yielded, start=1):
        if array.tobytes() != before:
            raise PropertyFailed(f"it wrote into the array of yield {k} after it had yielded it")


def is_repeatable(solver: Any, example: Example) -> None:
    """The same seed gives the same iterates, whatever the global random generators and other runs do."""

    def run(global_seed: int) -> list[bytes]:
        np.random.seed(global_seed)  # noqa: NPY002  (to show that it does not matter)
        random.seed(global_seed)
        return [theta.tobytes() for theta in iterates(solver, example, example.seed)]

    first = run(1)
    if run(2) != first:
        cause = "random numbers that its rng did not give" if run(1) == first else "something that changes by itself"
        raise PropertyFailed(f"two runs with the same seed differ: it uses {cause}")
    with np.errstate(all="ignore"):
        beside = islice(stepping(solver, example, example.seed + 1), len(first))
        for k, theta in enumerate(stepping(solver, example, example.seed), start=1):
            if k > len(first) or theta.tobytes() != first[k - 1]:
                raise PropertyFailed(f"iterate {k} differs if another run advances beside it: the two share memory")
            next(beside, None)
            if k == len(first):
                return


def leaves_the_problem_alone(solver: Any, example: Example) -> None:
    """The solver does not write into the problem's data."""
    before = [array.tobytes() for array in arrays(example.problem)]
    iterates(solver, example, example.seed)
    if [array.tobytes() for array in arrays(example.problem)] != before:
        raise PropertyFailed("it wrote into the problem's data")


def uses_public_names(solver: Any, example: Example) -> None:
    """The solver reads public attributes of the problem only, and sets none."""
    guarded = Guarded(example.problem.metered(Ledger()))
    _yields(solver, guarded, example.start())
    if trespasses := guarded.trespasses:
        raise PropertyFailed(f"it {trespasses[0]}, which is no part of the problem's interface")


def computes_in_double_precision(solver: Any, example: Example) -> None:
    """The iterates are not numbers of single precision."""
    numbers = np.unique([theta for theta in iterates(solver, example, example.seed) if np.isfinite(theta).all()])
    chosen = (numbers * SHORT != np.round(numbers * SHORT)) & (abs(numbers) > TINY * abs(numbers).max(initial=1.0))
    telling = numbers[chosen]
    if len(telling) >= SEVERAL and (telling == telling.astype(np.float32)).all():
        raise PropertyFailed(f"all its iterates are float32 numbers, such as {telling[0]:.17g}")


def arrays(thing: Any, depth: int = 3) -> Iterator[np.ndarray[Any, Any]]:
    """All arrays in an object, and in the objects that it holds down to that depth."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif depth and hasattr(thing, "__dict__"):
        for value in vars(thing).values():
            yield from arrays(value, depth - 1)


def charges_its_work(solver: Any, example: Example) -> None:
    """The work on a problem is counted in the ledger that came with the problem."""
    ledger = Ledger()
    reached = iterates(solver, example, 0, 2, ledger=ledger)
    if reached and ledger == Ledger() and not (isinstance(solver, BlackBox) and solver.opaque):
        raise PropertyFailed("its ledger is empty after two iterations: it reads data that are not counted")
