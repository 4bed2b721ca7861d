"""Peers minimise exactly our f: their answers are evaluated in it, where a wrong scaling would show."""

from __future__ import annotations

import re

import numpy as np
import pytest

from problems.forms import Ledger
from solvers.base import BlackBox, Breakdown, Refusal
from solvers.peers.conventions import not_installed
from tests.helpers.small_problems import System, problem, reference, solver

STRONG = (  # penalties so strong that a factor of n or 2 in one would move the minimum far
    "linear-regression(n=60, d=4, l2=0.7)",
    "linear-regression(n=60, d=4)",
    "linear-regression(n=60, d=4, l2=0.7, intercept=false)",
    "linear-regression(n=60, d=4, l1=0.3)",
    "linear-regression(n=60, d=4, l1=0.1, l2=0.7)",
    "linear-regression(n=60, d=4, l1=0.1, l2=0.7, intercept=false)",
    "linear-regression(n=60, d=4, nonnegative=true)",
    "linear-regression(n=60, d=4, nonnegative=true, l2=0.7, intercept=false)",
    "linear-regression(n=60, d=4, nonnegative=true, l1=0.05, l2=0.7)",
    "logistic(n=60, d=4, l2=0.7)",
    "logistic(n=200, d=4, l2=0)",
    "logistic(n=60, d=4, l2=0.7, intercept=false)",
    "logistic(n=60, d=4, l1=0.03, l2=0)",
    "logistic(n=60, d=4, l1=0.03, l2=0, intercept=false)",
    "logistic(n=60, d=4, l1=0.03, l2=0.3)",
)
# how many of them it takes: a peer that refused what it minimises would show as well
EXACT = {
    "scipy-lstsq": 3,
    "scipy-lstsq(driver=gelsy)": 3,
    "scipy-lstsq(driver=gelss)": 3,
    "scipy-lsqr": 3,
    "scipy-lsmr": 3,
    "scipy-nnls": 2,
    "scipy-solve": 3,
    "scipy-spsolve": 3,
    "scipy-cg": 3,
    "scipy-minres": 3,
    "scipy-gmres": 3,
    "scipy-gmres(restart=2)": 3,
    **{f"scipy-minimize(method={name})": 6 for name in ("L-BFGS-B", "BFGS", "CG", "Newton-CG", "trust-ncg")},
    **{f"scipy-least-squares(method={name})": 3 for name in ("trf", "dogbox", "lm")},
    "sklearn-linear-regression": 1,
    **{f"sklearn-ridge(solver={name})": 3 for name in ("cholesky", "svd", "lsqr", "sparse_cg", "sag", "saga")},
    "sklearn-elastic-net": 3,
    "sklearn-elastic-net(selection=random)": 3,
    "sklearn-nonnegative": 3,
    **{f"sklearn-logistic(solver={name})": 3 for name in ("lbfgs", "newton-cg", "newton-cholesky", "sag")},
    "sklearn-logistic(solver=saga)": 6,
    "sklearn-logistic(solver=liblinear)": 2,
    "statsmodels-ols": 3,
    "statsmodels-ols(method=qr)": 3,
    **{f"statsmodels-logit(method={name})": 1 for name in ("newton", "bfgs", "lbfgs", "cg", "ncg")},
}
ROUGH = {
    "sklearn-sgd-regressor(step=0.001)": (2000, r"l2=0.7"),
    "sklearn-sgd-classifier(step=0.0005)": (3000, r"l2=0.[37]"),
    "scipy-differential-evolution": (120, r"l1=|nonnegative"),
    "scipy-dual-annealing": (300, r"d=4, l2=0.7"),
}
with_statsmodels = pytest.mark.skipif(bool(not_installed("statsmodels")), reason=not_installed("statsmodels") or "")


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
    assert on.violation(lap.theta) == 0
    return on.value(lap.theta) - lower, on.value(theta0) - lower, notes


@pytest.mark.parametrize("spec", [pytest.param(s, marks=with_statsmodels) if "statsm" in s else s for s in EXACT])
def test_a_peer_s_answer_is_the_minimum_of_our_f(spec: str) -> None:
    taken = 0
    for on in STRONG:
        came = run(spec, on, 5000)
        if came is not None:
            taken += 1
            assert came[0] <= 1e-9 * max(came[1], 1e-3), on
    assert taken == EXACT[spec]


@pytest.mark.parametrize("spec", ROUGH)
def test_a_stochastic_peer_comes_near_the_minimum_of_our_f(spec: str) -> None:
    budget, kind = ROUGH[spec]
    came = [run(spec, on, budget) for on in STRONG if re.search(kind, on)]
    ran = [gaps for gaps in came if gaps is not None]
    assert len(ran) >= 3
    assert all(end <= 2e-3 * start for end, start, _ in ran)


@pytest.mark.parametrize(
    ("matrix", "peers"),
    [
        ("poisson, size=9", ("cg", "minres", "gmres(restart=81)", "spsolve", "solve", "lsqr", "lsmr")),
        ("convection, size=9", ("gmres(restart=81)", "spsolve", "solve", "lsqr", "lsmr")),
        ("general, n=30", ("gmres(restart=30)", "spsolve", "solve", "lstsq")),
        ("indefinite, n=30", ("minres", "gmres(restart=30)", "spsolve", "solve", "lstsq")),
    ],
)
def test_scipy_solves_systems_dense_and_sparse(matrix: str, peers: tuple[str, ...]) -> None:
    on_spec = f"linear-system(matrix={matrix})"
    for peer in peers:
        came = run(f"scipy-{peer}", on_spec, 3 if "restart" in peer else 300)
        assert came is not None
        assert came[0] <= 1e-10, peer


@pytest.mark.parametrize("spec", ["scipy-solve", "scipy-spsolve"])
def test_a_singular_matrix_is_a_breakdown(spec: str) -> None:
    A = np.outer([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(Breakdown, match="singular"):
        solver(spec).run(System(A, np.ones(3)), np.zeros(3), np.random.default_rng(0), 1, lambda theta: None)


def test_an_iterate_of_dual_annealing_is_two_values_a_coefficient() -> None:
    on, notes, ledger = problem("xor"), [], Ledger()
    theta0 = on.start(np.random.default_rng(0))
    solver("scipy-dual-annealing").run(on.metered(ledger), theta0, np.random.default_rng(0), 50, notes.append)
    assert len(notes) == ledger.values // (2 * on.dim) + 1, "and its last word"
    values = [on.value(theta) for theta in notes]
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]


@pytest.mark.parametrize("spec", ["scipy-differential-evolution(width=0.1)", "scipy-dual-annealing(width=0.1)"])
def test_a_search_in_a_box_stays_in_it(spec: str) -> None:
    on = problem("linear-regression(n=60, d=4)")
    lap = solver(spec).run(on, np.ones(on.dim), np.random.default_rng(0), 50, lambda theta: None)
    assert abs(lap.theta - 1).max() <= 0.1 * (1 + 1e-12)


def test_an_optional_package_that_is_not_there_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for spec, on in (("statsmodels-ols", "linear-regression"), ("statsmodels-logit", "logistic")):
        assert "pip install 'solver-lab[bench]'" in solver(spec).objection(problem(f"{on}(n=60, d=4, l2=0)"))


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
        ("sklearn-elastic-net", "linear-regression(n=60, d=4)", "l1 is 0"),
        ("sklearn-elastic-net", "linear-regression(n=60, d=4, nonnegative=true)", "must not be negative"),
        ("sklearn-nonnegative", "linear-regression(n=60, d=4, l1=0.3)", "may be negative"),
        ("scipy-nnls", "linear-regression(n=60, d=4, nonnegative=true, l1=0.05, l2=0.7)", "no l1"),
        ("sklearn-logistic", "logistic(n=60, d=4, l1=0.03)", "saga has one"),
        ("sklearn-logistic(solver=liblinear)", "logistic(n=60, d=4, l1=0.03, l2=0.3, intercept=false)", "not both"),
        ("sklearn-logistic(solver=liblinear)", "logistic(n=60, d=4, l2=0, intercept=false)", "needs an l1 or an l2"),
        ("statsmodels-logit", "logistic(n=60, d=4, l1=0.03, l2=0.3)", "no penalty, and l1 is 0.03 and l2 is 0.3"),
    ],
)
def test_a_peer_that_would_minimise_another_function_says_so(spec: str, on: str, words: str) -> None:
    objection = solver(spec).objection(problem(on))
    assert objection is not None
    assert words in objection


@pytest.mark.parametrize("spec", ["sklearn-logistic(solver=saga)", "sklearn-ridge(solver=sag)", "sklearn-elastic-net"])
def test_a_peer_that_ignores_the_start_refuses_one(spec: str) -> None:
    on = problem(f"{'logistic' if 'logistic' in spec else 'linear-regression'}(n=60, d=4, l1=0.1)")
    with pytest.raises(Refusal, match="zero"):
        solver(spec).run(on, np.ones(on.dim), np.random.default_rng(0), 3, lambda theta: None)
