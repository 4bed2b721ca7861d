"""What is asked of solvers, and how: experiments, and the lab that runs them.

The catalogue is a table to read; nothing is imported before it is used.

>>> sorted(TABLE)
['conditioning', 'convergence', 'crossover', 'learning-rate']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .lab.cell import Outcome


class Entry(NamedTuple):
    """One experiment: the module that asks and answers, and what it asks."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str


TABLE = {
    "conditioning": Entry(
        "experiments.conditioning",
        "sensitivity",
        "What does an ill-conditioned problem do to each solver?",
        ("LeastSquares", "SPDSystem"),
        "Golub & Van Loan (2013), sections 5.3.8 and 11.3",
    ),
    "convergence": Entry(
        "experiments.convergence",
        "comparison",
        "Which solver gets there first, and how fast does each go?",
        ("Certified",),
        "Dolan & More (2002), doi:10.1007/s101070100263",
    ),
    "crossover": Entry(
        "experiments.crossover",
        "comparison",
        "When does gradient descent beat the closed form?",
        ("LeastSquares", "FiniteSum"),
        "Bottou & Bousquet (2008), The Tradeoffs of Large Scale Learning",
    ),
    "learning-rate": Entry(
        "experiments.learning_rate",
        "sensitivity",
        "What learning rate is too low, and what too high?",
        ("Smooth", "Certified"),
        "Nesterov (2018), section 2.1.5",
    ),
}


def measure(problem: Any, solver: Any, seed: int = 0, **rule: Any) -> Outcome:
    """Run one cell in this process, judged as every other, on one thread: no worker, no deadline, nothing stored.

    problem, solver: names with parameters, or objects of one's own, which need no catalogue.
    rule: fields of `experiments.lab.rule.Rule`, such as tolerance and seconds.

    >>> import experiments as lab
    >>> lab.measure("linear-regression(n=50, d=3)", "qr").status
    'solved'
    """
    from threadpoolctl import threadpool_limits

    import problems
    import solvers

    from .lab.cell import run_cell
    from .lab.referee import refer
    from .lab.rule import Rule
    from .lab.spec import build, parse

    asked = build(parse(problem), problems.TABLE) if isinstance(problem, str) else problem
    method = build(parse(solver), solvers.TABLE) if isinstance(solver, str) else solver
    with threadpool_limits(1):
        return run_cell(asked, method, seed, Rule(**rule), refer(asked))
