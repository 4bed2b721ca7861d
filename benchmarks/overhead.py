"""What the lab itself costs: microseconds an iterate, all in and billed to the solver; milliseconds a cell.

Run `make bench`. The targets are 2 us an iterate of which 0.3 us billed, and 1.5 ms a cell with isolation and store.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from experiments.lab.reference.referee import refer
from experiments.lab.run.cell import Cell, run_cell
from experiments.lab.run.stopping import Rule
from experiments.lab.store.keys import cell_key
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.lab.workers.worker import problem_of
from problems.forms import Objective
from problems.foundation.arrays import Vector
from solvers.base import Iterates, Solver

PROBLEM = "linear-regression(n=8, d=2)"
ITERATES = 200_000
CELLS = 1000
ROUNDS = 5


@dataclass(frozen=True)
class Ready(Solver[Objective]):
    """Yields iterates that were made before: all that its run costs is the lab's."""

    needs = (Objective,)
    iterates: Sequence[Vector]

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield from self.iterates


def an_iterate() -> tuple[float, float]:
    """Microseconds an iterate: all in, and billed."""
    problem = problem_of(PROBLEM)
    reference = refer(problem)
    B, c = problem.least_squares()
    minimum = np.linalg.lstsq(B, c)[0]
    ever_nearer = Ready(list(np.linspace(0.0, 0.99, ITERATES)[:, None] * minimum))
    began = perf_counter()
    outcome = run_cell(problem, ever_nearer, 0, Rule(tolerance=1e-30, iterations=ITERATES, seconds=1e9), reference)
    assert outcome.iterations == ITERATES, outcome.reason
    return 1e6 * (perf_counter() - began) / ITERATES, 1e6 * outcome.seconds / ITERATES


def a_cell(engine: Local, folder: Path) -> float:
    """Milliseconds a cell beyond its solver's own seconds, with isolation and store."""
    reference = dict(engine.references([PROBLEM]))[PROBLEM]
    cells = [Cell(PROBLEM, "cholesky", seed, Rule()) for seed in range(CELLS)]
    billed = 0.0
    with Store(folder) as store:
        began = perf_counter()
        for cell, outcome in engine.outcomes((cell, reference) for cell in cells):
            store.put_outcome(cell_key(cell, 0, engine.threads, engine.jobs), outcome)
            billed += outcome.seconds
        return 1e3 * (perf_counter() - began - billed) / CELLS


def main() -> None:
    """Measure, and print medians over rounds."""
    iterates = [an_iterate() for _ in range(ROUNDS)]
    print(f"an iterate: {median(total for total, _ in iterates):.2f} us in all")
    print(f"            {median(billed for _, billed in iterates):.2f} us of it billed to the solver")
    with tempfile.TemporaryDirectory() as folder, Local() as engine:
        list(engine.outcomes([(Cell(PROBLEM, "cholesky", 0, Rule()), dict(engine.references([PROBLEM]))[PROBLEM])]))
        cells = [a_cell(engine, Path(folder, str(k))) for k in range(ROUNDS)]
    print(f"a cell:     {median(cells):.2f} ms with isolation and store")


if __name__ == "__main__":
    main()
