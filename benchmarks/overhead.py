"""What the lab itself costs: microseconds per iterate, in all and on the solver's clock; milliseconds per cell.

Run `make bench`. The targets: 2 us per iterate, 0.3 us of it on the clock; 1.5 ms per cell with isolation and store.
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
from experiments.lab.spec.grammar import parse
from experiments.lab.store.keys import cell_key
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.lab.workers.worker import problem_of
from problems.forms import LeastSquares, Objective
from problems.foundation.arrays import Vector
from solvers.base import Iterates, Solver

PROBLEM = parse("linear-regression(n=8, d=2)")
CHOLESKY = parse("cholesky")
ITERATES = 200_000
CELLS = 1000
ROUNDS = 5


@dataclass(frozen=True)
class Ready(Solver[Objective]):
    """Yields iterates that are computed beforehand, so that what its run costs is the lab's."""

    needs = (Objective,)
    iterates: Sequence[Vector]

    def iterate(self, problem: Objective, theta0: Vector, rng: np.random.Generator) -> Iterates:
        yield from self.iterates


def cost_per_iterate() -> tuple[float, float]:
    """Microseconds per iterate: in all, and on the solver's clock."""
    problem = problem_of(PROBLEM)
    reference = refer(problem)
    assert isinstance(problem, LeastSquares)
    B, c = problem.least_squares()
    minimum = np.linalg.lstsq(B, c)[0]
    approaching = Ready(list(np.linspace(0.0, 0.99, ITERATES)[:, None] * minimum))
    began = perf_counter()
    outcome = run_cell(problem, approaching, 0, Rule(tolerance=1e-30, iterations=ITERATES, seconds=1e9), reference)
    assert outcome.iterations == ITERATES, outcome.reason
    return 1e6 * (perf_counter() - began) / ITERATES, 1e6 * outcome.seconds / ITERATES


def cost_per_cell(engine: Local, folder: Path) -> float:
    """Milliseconds per cell beyond its solver's own seconds, with isolation and store."""
    reference = dict(engine.references([PROBLEM]))[PROBLEM]
    cells = [Cell(PROBLEM, CHOLESKY, seed, Rule()) for seed in range(CELLS)]
    billed = 0.0
    with Store(folder) as store:
        began = perf_counter()
        for cell, outcome in engine.outcomes((cell, reference) for cell in cells):
            store.put_outcome(cell_key(cell, 0, engine.threads, engine.jobs), outcome)
            billed += outcome.seconds
        return 1e3 * (perf_counter() - began - billed) / CELLS


def main() -> None:
    """Measure, and print medians over rounds."""
    iterates = [cost_per_iterate() for _ in range(ROUNDS)]
    print(f"per iterate: {median(total for total, _ in iterates):.2f} us in all")
    print(f"             {median(billed for _, billed in iterates):.2f} us of it on the solver's clock")
    with tempfile.TemporaryDirectory() as folder, Local() as engine:
        list(engine.outcomes([(Cell(PROBLEM, CHOLESKY, 0, Rule()), dict(engine.references([PROBLEM]))[PROBLEM])]))
        cells = [cost_per_cell(engine, Path(folder, str(k))) for k in range(ROUNDS)]
    print(f"per cell:    {median(cells):.2f} ms with isolation and store")


if __name__ == "__main__":
    main()
