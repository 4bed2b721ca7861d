"""Peers minimise exactly our f: their answers are evaluated in it, where a wrong scaling would show."""

from __future__ import annotations

import numpy as np
import pytest

from problems.forms import Ledger
from solvers.base import BlackBox

from .small import problem, reference, solver

STRONG = (  # penalties so strong that a factor of n or 2 in one would move the minimum far
    "linear-regression(n=60, d=4, l2=0.7)",
    "linear-regression(n=60, d=4)",
    "linear-regression(n=60, d=4, l2=0.7, intercept=false)",
    "logistic(n=60, d=4, l2=0.7)",
    "logistic(n=200, d=4, l2=0)",
    "logistic(n=60, d=4, l2=0.7, intercept=false)",
)
EXACT = (
    "scipy-lstsq",
    "scipy-lstsq(driver=gelsy)",
    "scipy-lstsq(driver=gelss)",
    "scipy-cg",
    *(f"scipy-minimize(method={name})" for name in ("L-BFGS-B", "BFGS", "CG", "Newton-CG", "trust-ncg")),
    "sklearn-linear-regression",
    *(f"sklearn-ridge(solver={name})" for name in ("cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga")),
    *(
        f"sklearn-logistic(solver={name})"
        for name in ("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga")
    ),
)
ROUGH = (("sklearn-sgd-regressor(step=0.001)", 2000), ("sklearn-sgd-classifier(step=0.0005)", 3000))


def run(spec: str, on_spec: str, budget: int) -> tuple[float, float, list[np.ndarray]] | None:
    """The gap of the peer's answer in our f, the gap at the start, and what it noted; None where it refuses."""
    on, peer = problem(on_spec), solver(spec)
    assert isinstance(peer, BlackBox)
    if peer.objection(on):
        return None
    notes: list[np.ndarray] = []
    theta0 = on.start(np.random.default_rng(0))
    lap = peer.run(on.metered(Ledger()), theta0, np.random.default_rng(0), budget, lambda x: notes.append(np.array(x)))
    lower = reference(on_spec).lower
    if peer.faithful:
        assert np.array_equal(notes[-1], lap.theta), "a faithful callback ends at the answer"
    return on.value(lap.theta) - lower, on.value(theta0) - lower, notes


@pytest.mark.parametrize("spec", EXACT)
def test_a_peer_s_answer_is_the_minimum_of_our_f(spec: str) -> None:
    taken = 0
    for on in STRONG:
        came = run(spec, on, 5000)
        if came is not None:
            taken += 1
            assert came[0] <= 1e-9 * max(came[1], 1e-3), on
    assert taken, "it takes at least one of them"


@pytest.mark.parametrize(("spec", "budget"), ROUGH)
def test_a_stochastic_peer_comes_near_the_minimum_of_our_f(spec: str, budget: int) -> None:
    came = [run(spec, on, budget) for on in STRONG if "l2=0.7" in on]
    ran = [gaps for gaps in came if gaps is not None]
    assert ran, "it takes at least one of them"
    assert all(end <= 2e-3 * start for end, start, _ in ran)


@pytest.mark.parametrize("model", ["stacked", "network"])
@pytest.mark.parametrize("l2", [0.0, 0.05])
def test_the_network_peer_ends_where_our_gradient_vanishes(model: str, l2: float) -> None:
    on = problem(f"xor(model={model}, n=40, noise=0.3, l2={l2})")
    theta0 = on.start(np.random.default_rng(1))
    lap = solver("sklearn-mlp").run(on, theta0, np.random.default_rng(0), 3000, lambda theta: None)
    assert np.linalg.norm(on.gradient(lap.theta)) < 1e-3
    assert on.value(lap.theta) < on.value(theta0)


def test_the_network_peer_starts_where_it_is_told_to() -> None:
    """Its first step with Nesterov's momentum, 0.9, is 1.9 times the learning rate along our gradient at theta_0."""
    on = problem("xor(n=40, noise=0.3)")
    theta0 = on.start(np.random.default_rng(1))
    lap = solver("sklearn-mlp(solver=sgd, step=0.0001)").run(
        on, theta0, np.random.default_rng(0), 1, lambda theta: None
    )
    np.testing.assert_allclose((theta0 - lap.theta) / 1e-4, 1.9 * on.gradient(theta0), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("spec", "on", "words"),
    [
        ("sklearn-linear-regression", "linear-regression(n=60, d=4, l2=0.7)", "no penalty"),
        ("sklearn-logistic(solver=liblinear)", "logistic(n=60, d=4, l2=0.7)", "penalises the intercept"),
        ("sklearn-logistic", "linear-regression(n=60, d=4)", "squared loss"),
        ("sklearn-ridge", "logistic(n=60, d=4, l2=0.7)", "not a square"),
        ("sklearn-mlp", "logistic(n=60, d=4, l2=0.7)", "layers"),
        ("sklearn-mlp(solver=sgd, batch=7)", "xor(n=40, l2=0.1)", "last batch"),
    ],
)
def test_a_peer_that_would_minimise_another_function_says_so(spec: str, on: str, words: str) -> None:
    objection = solver(spec).objection(problem(on))
    assert objection is not None
    assert words in objection


@pytest.mark.parametrize("spec", ["sklearn-logistic", "sklearn-ridge(solver=sag)"])
def test_a_peer_that_ignores_the_start_refuses_one(spec: str) -> None:
    from solvers.base import Refusal

    on = problem("logistic(n=60, d=4, l2=0.7)" if "logistic" in spec else "linear-regression(n=60, d=4, l2=0.7)")
    with pytest.raises(Refusal, match="zero"):
        solver(spec).run(on, np.ones(on.dim), np.random.default_rng(0), 3, lambda theta: None)
