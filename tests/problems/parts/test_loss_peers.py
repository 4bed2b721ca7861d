"""Peers on problems with these losses: each answer is evaluated in our f."""

from __future__ import annotations

import re

import pytest

from tests.solvers.test_peers import run

STRONG = (  # where a factor of n or 2 in a penalty or a loss would move the minimum far
    "linear-regression(n=60, d=4, loss=absolute)",
    "linear-regression(n=60, d=4, loss=absolute, l1=0.3, intercept=false)",
    "linear-regression(n=60, d=4, loss=absolute, l1=0.1, l2=0.7)",
    "linear-regression(n=60, d=4, loss=quantile, tau=0.2)",
    "linear-regression(n=60, d=4, loss=quantile, tau=0.8, l1=0.1)",
    "linear-regression(n=60, d=4, loss=huber, delta=0.2, l2=0.7)",
    "linear-regression(n=60, d=4, loss=huber, delta=0.2, l1=0.1)",
    "linear-regression(n=60, d=4, loss=huber, delta=0.2, nonnegative=true)",
    "hinge(n=60, d=4, l2=0.3)",
    "hinge(n=60, d=4, l2=0.3, intercept=false)",
    "hinge(n=60, d=4, l1=0.03, l2=0)",
    "hinge(n=60, d=4, margin=2, l1=0.03, l2=0)",
    "hinge(n=60, d=4, loss=squared_hinge, l2=0.3)",
    "hinge(n=60, d=4, loss=squared_hinge, l2=0.3, intercept=false)",
    "hinge(n=60, d=4, loss=squared_hinge, l1=0.03, l2=0, intercept=false)",
)
EXACT = {  # the number of these problems that each peer accepts
    "sklearn-quantile": 4,
    "sklearn-quantile(solver=highs-ipm)": 4,
    "scipy-linprog-model": 6,
    "scipy-linprog-model(method=highs-ipm)": 6,
    "sklearn-linear-svc": 3,
    "scipy-minimize": 3,
    "scipy-minimize(method=BFGS)": 3,
}
ROUGH = {
    "sklearn-sgd-regressor(step=0.03)": (3000, r"absolute|huber, delta=0.2, l[12]", 5),
    "sklearn-sgd-classifier(step=0.001)": (2000, r"hinge", 6),
}


@pytest.mark.parametrize("spec", EXACT)
def test_a_peer_s_answer_is_the_minimum_of_our_f(spec: str) -> None:
    results = [(problem, run(spec, problem, 20_000)) for problem in STRONG]
    accepted = [(problem, gaps) for problem, gaps in results if gaps is not None]
    assert len(accepted) == EXACT[spec]
    for problem, (end, start, _) in accepted:
        assert end <= 1e-8 * start, problem


@pytest.mark.parametrize("spec", ROUGH)
def test_a_stochastic_peer_comes_near_the_minimum_of_our_f(spec: str) -> None:
    budget, kind, count = ROUGH[spec]
    results = [(problem, run(spec, problem, budget)) for problem in STRONG if re.search(kind, problem)]
    accepted = [(problem, gaps) for problem, gaps in results if gaps is not None]
    assert len(accepted) == count
    for problem, (end, start, _) in accepted:
        assert end <= 5e-3 * start, problem
