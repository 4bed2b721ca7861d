"""What is asked of solvers, and how: experiments, and the lab that runs them.

The catalogue is a table to read; nothing is imported before it is used.

>>> TABLE["conditioning"].place
'experiments.conditioning'
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
    "accuracy": Entry(
        "experiments.accuracy",
        "sensitivity",
        "How many digits does each solver keep?",
        ("LeastSquares", "LinearSystem"),
        "Wampler (1970), Journal of the American Statistical Association 65, 549-565",
    ),
    "activations": Entry(
        "experiments.activations",
        "modelling",
        "Which activation, and what can go wrong?",
        ("LayeredModel",),
        "Hochreiter (1991); Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html",
    ),
    "back-propagation": Entry(
        "experiments.back_propagation",
        "networks",
        "Why not form the Jacobian?",
        ("Smooth",),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
    "batch-size": Entry(
        "experiments.batch_size",
        "sensitivity",
        "One row, some rows, all rows?",
        ("FiniteSum", "TwiceSmooth"),
        "Mishchenko, Khaled & Richtarik (2020), arXiv:2006.05988",
    ),
    "conditioning": Entry(
        "experiments.conditioning",
        "sensitivity",
        "What does an ill-conditioned problem do to each solver?",
        ("LeastSquares", "SPDSystem"),
        "Golub & Van Loan (2013), sections 5.3.8 and 11.3",
    ),
    "constrained": Entry(
        "experiments.constrained",
        "comparison",
        "ADMM or primal-dual?",
        ("Saddle", "Composite"),
        "Boyd et al. (2011), doi:10.1561/2200000016; Chambolle & Pock (2011), doi:10.1007/s10851-010-0251-1",
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
    "global": Entry(
        "experiments.global_search",
        "comparison",
        "When does a gradient not help?",
        ("Objective",),
        "Auger & Hansen (2005), doi:10.1109/CEC.2005.1554903",
    ),
    "initialisation": Entry(
        "experiments.initialisation",
        "modelling",
        "Where to start?",
        ("LayeredModel",),
        "Glorot & Bengio (2010), https://proceedings.mlr.press/v9/glorot10a.html; He et al. (2015), arXiv:1502.01852",
    ),
    "learning-rate": Entry(
        "experiments.learning_rate",
        "sensitivity",
        "What learning rate is too low, and what too high?",
        ("Smooth", "Certified"),
        "Nesterov (2018), section 2.1.5",
    ),
    "losses": Entry(
        "experiments.losses",
        "modelling",
        "Squared or absolute, when there are outliers?",
        ("LinearModel",),
        "Huber (1964), doi:10.1214/aoms/1177703732",
    ),
    "network-size": Entry(
        "experiments.network_size",
        "networks",
        "How big a network?",
        ("LayeredModel",),
        "Geman, Bienenstock & Doursat (1992), doi:10.1162/neco.1992.4.1.1",
    ),
    "regularisation": Entry(
        "experiments.regularisation",
        "modelling",
        "What do L1, L2 and ElasticNet do?",
        ("Composite", "LinearModel"),
        "Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x",
    ),
    "train-or-infer": Entry(
        "experiments.train_or_infer",
        "networks",
        "Why does training cost more?",
        ("LayeredModel",),
        "Griewank & Walther (2008), doi:10.1137/1.9780898717761",
    ),
    "unsupervised": Entry(
        "experiments.unsupervised",
        "comparison",
        "Closed form or gradient, without labels?",
        ("PrincipalSubspace", "Clustering"),
        "Pearson (1901), doi:10.1080/14786440109462720; Lloyd (1982), doi:10.1109/TIT.1982.1056489",
    ),
    "xor": Entry(
        "experiments.xor",
        "modelling",
        "Why did the first neurons fail, and what does a hidden layer do?",
        ("LinearModel", "LayeredModel"),
        "Minsky & Papert (1969); Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
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
