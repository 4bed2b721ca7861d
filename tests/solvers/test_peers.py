"""Peers minimise exactly the f of Solver Lab: f at their answers shows a wrong scaling."""

from __future__ import annotations

import re

import numpy as np
import pytest

from problems.forms import Ledger
from problems.systems.linear_system import PositiveDefinite
from solvers.base import BlackBox, Breakdown, Refusal
from solvers.peers.conventions import not_installed
from tests.helpers.small_problems import problem, reference, solver

STRONG = (  # with penalties so strong that a wrong factor of n or 2 changes the minimum much
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
# from a peer to the number of these problems that it accepts, which shows a wrong refusal too
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
    "scipy-differential-evolution": (120, r"l1=0\.1|l1=0\.03, l2=0\)|nonnegative=true\)"),
    "scipy-dual-annealing": (300, r"d=4, l2=0.7"),
}
with_statsmodels = pytest.mark.skipif(bool(not_installed("statsmodels")), reason=not_installed("statsmodels") or "")


def run(spec: str, problem_spec: str, budget: int) -> tuple[float, float, list[np.ndarray]] | None:
    """The gap of the peer's answer, the gap at the start, and the reported iterates; None if the peer refuses."""
    objective, peer = problem(problem_spec), solver(spec)
    assert isinstance(peer, BlackBox)
    if peer.objection(objective):
        return None
    reported: list[np.ndarray] = []
    theta0 = objective.start(np.random.default_rng(0))
    answer = peer.run(
        objective.metered(Ledger()), theta0, np.random.default_rng(0), budget, lambda x: reported.append(np.array(x))
    )
    lower = reference(problem_spec).lower
    if peer.faithful:
        assert np.array_equal(reported[-1], answer.theta), "a faithful callback ends at the answer"
    assert objective.violation(answer.theta) == 0
    return objective.value(answer.theta) - lower, objective.value(theta0) - lower, reported


@pytest.mark.parametrize("spec", [pytest.param(s, marks=with_statsmodels) if "statsm" in s else s for s in EXACT])
def test_a_peer_s_answer_is_the_minimum_of_our_f(spec: str) -> None:
    runs = {problem_spec: run(spec, problem_spec, 5000) for problem_spec in STRONG}
    accepted = {problem_spec: result for problem_spec, result in runs.items() if result is not None}
    for problem_spec, (gap, gap_at_start, _) in accepted.items():
        assert gap <= 1e-9 * max(gap_at_start, 1e-3), problem_spec
    assert len(accepted) == EXACT[spec]


@pytest.mark.parametrize("spec", ROUGH)
def test_a_stochastic_peer_comes_near_the_minimum_of_our_f(spec: str) -> None:
    budget, kind = ROUGH[spec]
    runs = [run(spec, problem_spec, budget) for problem_spec in STRONG if re.search(kind, problem_spec)]
    accepted = [result for result in runs if result is not None]
    assert len(accepted) >= 3
    assert all(end <= 2e-3 * start for end, start, _ in accepted)


@pytest.mark.parametrize(
    ("data", "peers"),
    [
        ("poisson, size=9", ("cg", "minres", "gmres(restart=81)", "spsolve", "solve", "lsqr", "lsmr")),
        ("convection, size=9", ("gmres(restart=81)", "spsolve", "solve", "lsqr", "lsmr")),
        ("general, n=30", ("gmres(restart=30)", "spsolve", "solve", "lstsq")),
        ("indefinite, n=30", ("minres", "gmres(restart=30)", "spsolve", "solve", "lstsq")),
    ],
)
def test_scipy_solves_systems_dense_and_sparse(data: str, peers: tuple[str, ...]) -> None:
    problem_spec = f"linear-system(data={data})"
    for peer in peers:
        result = run(f"scipy-{peer}", problem_spec, 3 if "restart" in peer else 300)
        assert result is not None
        assert result[0] <= 1e-10, peer


@pytest.mark.parametrize("spec", ["scipy-solve", "scipy-spsolve"])
def test_a_singular_matrix_is_a_breakdown(spec: str) -> None:
    A = np.outer([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    with pytest.raises(Breakdown, match="singular"):
        solver(spec).run(PositiveDefinite(A, np.ones(3)), np.zeros(3), np.random.default_rng(0), 1, lambda theta: None)


def test_an_iteration_of_dual_annealing_is_two_values_per_coefficient() -> None:
    reported: list[np.ndarray] = []
    objective, ledger = problem("xor"), Ledger()
    theta0 = objective.start(np.random.default_rng(0))
    solver("scipy-dual-annealing").run(objective.metered(ledger), theta0, np.random.default_rng(0), 50, reported.append)
    assert len(reported) == ledger.values // (2 * objective.dim) + 1, "and its answer"
    values = [objective.value(theta) for theta in reported]
    assert values == sorted(values, reverse=True)
    assert values[-1] < values[0]


@pytest.mark.parametrize("spec", ["scipy-differential-evolution(width=0.1)", "scipy-dual-annealing(width=0.1)"])
def test_a_search_in_a_box_stays_in_it(spec: str) -> None:
    objective = problem("linear-regression(n=60, d=4)")
    answer = solver(spec).run(objective, np.ones(objective.dim), np.random.default_rng(0), 50, lambda theta: None)
    assert abs(answer.theta - 1).max() <= 0.1 * (1 + 1e-12)


def test_a_missing_optional_package_is_a_refusal_that_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for spec, name in (("statsmodels-ols", "linear-regression"), ("statsmodels-logit", "logistic")):
        assert "pip install 'solver-lab[bench]'" in solver(spec).objection(problem(f"{name}(n=60, d=4, l2=0)"))


@pytest.mark.parametrize("model", ["stacked", "network"])
@pytest.mark.parametrize("l2", [0.0, 0.05])
def test_the_network_peer_ends_where_the_gradient_is_zero(model: str, l2: float) -> None:
    objective = problem(f"xor(model={model}, n=40, noise=0.3, l2={l2})")
    theta0 = objective.start(np.random.default_rng(1))
    answer = solver("sklearn-mlp").run(objective, theta0, np.random.default_rng(0), 3000, lambda theta: None)
    assert np.linalg.norm(objective.gradient(answer.theta)) < 1e-3
    assert objective.value(answer.theta) < objective.value(theta0)


def test_the_network_peer_starts_from_theta_0() -> None:
    """Its first step with Nesterov's momentum of 0.9 is -1.9 step g, where g is our gradient at theta_0."""
    objective = problem("xor(n=40, noise=0.3)")
    theta0 = objective.start(np.random.default_rng(1))
    answer = solver("sklearn-mlp(solver=sgd, step=0.0001)").run(
        objective, theta0, np.random.default_rng(0), 1, lambda theta: None
    )
    np.testing.assert_allclose((theta0 - answer.theta) / 1e-4, 1.9 * objective.gradient(theta0), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("spec", "problem_spec", "words"),
    [
        ("sklearn-linear-regression", "linear-regression(n=60, d=4, l2=0.7)", "no penalty"),
        ("sklearn-logistic(solver=liblinear)", "logistic(n=60, d=4, l2=0.7)", "penalises the intercept"),
        ("sklearn-logistic", "linear-regression(n=60, d=4)", "squared loss"),
        ("sklearn-ridge", "logistic(n=60, d=4, l2=0.7)", "the logistic loss is not the squared loss"),
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
def test_a_peer_refuses_to_minimise_a_different_function(spec: str, problem_spec: str, words: str) -> None:
    objection = solver(spec).objection(problem(problem_spec))
    assert objection is not None
    assert words in objection


@pytest.mark.parametrize("spec", ["sklearn-logistic(solver=saga)", "sklearn-ridge(solver=sag)", "sklearn-elastic-net"])
def test_a_peer_that_ignores_the_start_refuses_another_start(spec: str) -> None:
    objective = problem(f"{'logistic' if 'logistic' in spec else 'linear-regression'}(n=60, d=4, l1=0.1)")
    with pytest.raises(Refusal, match="zero"):
        solver(spec).run(objective, np.ones(objective.dim), np.random.default_rng(0), 3, lambda theta: None)
