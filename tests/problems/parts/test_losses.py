"""Losses that turn at corners and those whose slope does, and what certifies the problems made of them."""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from experiments.lab.reference.referee import refer
from experiments.lab.spec.grammar import SpecError
from problems.certificates.rounding import rounding
from problems.forms import Composite, FiniteSum, Smooth, TwiceSmooth, missing
from problems.foundation.arrays import EPS
from problems.linear.model_chain import linear_model
from problems.parts.losses import Loss, absolute, hinge, huber, logistic, quantile, squared, squared_hinge
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows
from solvers.first_order.stochastic import SGD
from tests.helpers.small_problems import flat, matrix, problem, reference
from tests.solvers.test_peers import run

SEEDS = st.integers(0, 2**32)
# each written a second time, as a person would
PLAIN: list[tuple[Loss, Any]] = [
    (absolute, lambda z, y: abs(z - y)),
    (huber(0.7), lambda z, y: np.where(abs(z - y) <= 0.7, (z - y) ** 2 / 2, 0.7 * (abs(z - y) - 0.35))),
    (quantile(0.2), lambda z, y: np.maximum(0.2 * (y - z), 0.8 * (z - y))),
    (hinge(1.0), lambda z, y: np.maximum(0, 1 - y * z)),
    (hinge(0.0), lambda z, y: np.maximum(0, -y * z)),
    (squared_hinge(1.0), lambda z, y: np.maximum(0, 1 - y * z) ** 2 / 2),
    (squared, lambda z, y: (z - y) ** 2 / 2),
    (logistic, lambda z, y: np.logaddexp(0, -y * z)),
]
NAMES = [f"{loss.name} {loss.shape:g}" for loss, _ in PLAIN]
EACH = st.sampled_from([loss for loss, _ in PLAIN])
KINKED = st.sampled_from([loss for loss, _ in PLAIN if loss.derivatives < 2])
PENALTIES = st.sampled_from([Penalty(), Penalty(l1=0.03), Penalty(l2=0.05), Penalty(0.02, 0.1)])


def targets(loss: Loss, rng: np.random.Generator, n: int) -> np.ndarray:
    return np.where(rng.random(n) < 0.5, -1.0, 1.0) if loss.labels else 2 * rng.standard_normal(n)


def model(seed: int, loss: Loss, penalty: Penalty, n: int = 24, d: int = 3, intercept: bool = True) -> Any:
    rng = np.random.default_rng(seed)
    X = matrix(n, d, 3.0, rng) * np.sqrt(n)
    y = X @ rng.standard_normal(d) + rng.standard_t(2, n)
    if loss.labels:
        y = np.where(y > 0, 1.0, -1.0)
        y[:2] = -1.0, 1.0
    return linear_model(Rows(X, intercept), y, loss, penalty)


@pytest.mark.parametrize(("loss", "plain"), PLAIN, ids=NAMES)
@settings(max_examples=40)
@given(seed=SEEDS)
def test_a_loss_is_what_it_says_and_its_slopes_are_its_derivatives(loss: Loss, plain: Any, seed: int) -> None:
    rng = np.random.default_rng(seed)
    y, z, h = targets(loss, rng, 50), 3 * rng.standard_normal(50), 1e-6
    total, slope, curvature = loss.total(z, y)
    np.testing.assert_allclose(total, plain(z, y).sum(), rtol=50 * EPS)
    assert [loss.slope(a, b, loss.shape) for a, b in zip(z, y, strict=True)] == pytest.approx(slope, rel=1e-14)
    up, down = loss.total(z + h, y)[1], loss.total(z - h, y)[1]
    smooth = abs(up - down) < 0.1  # no corner in between
    assert smooth.sum() > 40
    np.testing.assert_allclose(slope[smooth], ((plain(z + h, y) - plain(z - h, y)) / (2 * h))[smooth], atol=1e-8)
    bent = abs(loss.total(z + h, y)[2] - loss.total(z - h, y)[2]) > 0.1
    np.testing.assert_allclose(curvature[smooth & ~bent], ((up - down) / (2 * h))[smooth & ~bent], atol=1e-8)
    assert np.all((curvature >= 0) & (curvature <= loss.curvature))
    assert not np.isfinite(loss.total(np.array([np.nan]), y[:1])[0])
    if loss.slopes:
        low, high = loss.slopes(y)
        assert np.all((slope >= low) & (slope <= high))
    if loss.corner:
        low, high = loss.slopes(y)
        corner = loss.corner(y)
        np.testing.assert_array_equal(loss.total(corner - 1, y)[1], low)
        np.testing.assert_array_equal(loss.total(corner + 1, y)[1], high)


@settings(max_examples=100)
@given(seed=SEEDS, loss=EACH, power=st.floats(-6, 6))
def test_a_prox_is_least_and_turns_at_corners(seed: int, loss: Loss, power: float) -> None:
    rng, t = np.random.default_rng(seed), 10.0**power
    y, v = targets(loss, rng, 50), 3 * rng.standard_normal(50)
    u = loss.prox(v, y, t)
    s = (v - u) / t  # a subgradient at u: Fenchel and Young are equal there
    blur = 100 * EPS * (abs(u) + abs(v) + 1) * (1 + 1 / t) * (1 + abs(u))
    value = np.array([loss.total(u[i : i + 1], y[i : i + 1])[0] for i in range(50)])
    inside = s if loss.slopes is None else np.clip(s, *loss.slopes(y))
    assert np.all(abs(s - inside) <= blur)
    if loss is not logistic:
        np.testing.assert_array_less(
            abs(value + loss.conjugate(inside, y) - inside * u), blur + abs(s - inside) * abs(u)
        )
    if loss.corner:
        low, high = loss.slopes(y)
        there = (v - loss.corner(y) > t * low + blur) & (v - loss.corner(y) < t * high - blur)
        np.testing.assert_array_equal(u[there], loss.corner(y)[there])


@settings(max_examples=60)
@given(seed=SEEDS, loss=EACH)
def test_fenchel_and_young_hold_everywhere(seed: int, loss: Loss) -> None:
    rng = np.random.default_rng(seed)
    y, z, a = targets(loss, rng, 50), 3 * rng.standard_normal(50), rng.standard_normal(50)
    values = np.array([loss.total(z[i : i + 1], y[i : i + 1])[0] for i in range(50)])
    assert np.all(values + loss.conjugate(a, y) >= a * z - 1e-13)
    slope = loss.total(z, y)[1]
    inside = slope * (1 - 4 * EPS)
    np.testing.assert_allclose(values + loss.conjugate(inside, y), slope * z, atol=1e-12)


@settings(max_examples=80, deadline=None)
@given(seed=SEEDS, loss=KINKED, penalty=PENALTIES, intercept=st.booleans(), scale=st.sampled_from([1e-6, 0.1, 30.0]))
def test_a_certificate_is_never_false_and_tight_at_the_minimum(
    seed: int, loss: Loss, penalty: Penalty, intercept: bool, scale: float
) -> None:
    on = model(seed, loss, penalty, intercept=intercept)
    known = refer(on)
    assert known.width <= 1e-10 * max(abs(known.upper), 1e-3)
    theta = scale * np.random.default_rng(seed).standard_normal(on.dim)
    f = on.value(theta)
    assert f - on.gap(theta) <= known.upper + rounding(on.n, f)


@settings(max_examples=40, deadline=None)
@given(
    seed=SEEDS,
    loss=KINKED,
    penalty=PENALTIES,
    kind=st.sampled_from(["doubled rows", "doubled column", "whole numbers", "one column a group", "far scales"]),
)
def test_a_certificate_stands_dependent_and_degenerate_rows(seed: int, loss: Loss, penalty: Penalty, kind: str) -> None:
    """More rows at a corner than coefficients, minima that are not single, columns that are alike."""
    rng = np.random.default_rng(seed)
    X = rng.integers(-2, 3, (20, 3)).astype(float) if kind == "whole numbers" else rng.standard_normal((20, 3))
    if kind == "one column a group":
        X = np.eye(3)[rng.integers(0, 3, 20)]
    X[:, 0] *= 1e6 if kind == "far scales" else 1.0
    y = np.round(X @ rng.standard_normal(3) + rng.standard_t(2, 20))
    if loss.labels:
        y = np.where(y > 0, 1.0, -1.0)
        y[:2] = -1.0, 1.0
    if kind == "doubled rows":
        X, y = np.vstack([X, X]), np.r_[y, y]
    if kind == "doubled column":
        X = np.hstack([X, X[:, :1]])
    on = linear_model(Rows(X), y, loss, penalty)
    known = refer(on)
    theta = rng.standard_normal(on.dim)
    f = on.value(theta)
    assert f - on.gap(theta) <= known.upper + rounding(on.n, f)
    if loss.corner and penalty.l2 == 0:
        low, high = loss.slopes(y)
        n, d = X.shape
        B, l1 = on.rows.stored(), penalty.l1
        program = linprog(
            np.r_[np.full(d, l1), 0, np.full(d, l1), high / n, -low / n],
            A_eq=np.hstack([B, -X, -np.eye(n), np.eye(n)]),
            b_eq=loss.corner(y),
            bounds=[(0, None)] * d + [(None, None)] + [(0, None)] * (d + 2 * n),
        )
        assert known.lower <= program.fun + 1e-9 * (1 + abs(program.fun))
        assert known.upper >= program.fun - 1e-9 * (1 + abs(program.fun))


@settings(max_examples=20)
@given(seed=SEEDS)
def test_a_loss_without_its_corner_is_another(seed: int) -> None:
    """Half the absolute loss is the median's, a Huber loss of great delta the squared one, and so on."""
    rng = np.random.default_rng(seed)
    y, z = rng.standard_normal((2, 30))
    assert quantile(0.5).total(z, y)[0] == pytest.approx(absolute.total(z, y)[0] / 2, rel=1e-13)
    assert huber(1e3).total(z, y)[0] == pytest.approx(squared.total(z, y)[0], rel=1e-13)
    assert huber(1e-9).total(z, y)[0] / 1e-9 == pytest.approx(absolute.total(z, y)[0], rel=1e-6)
    label = np.where(y > 0, 1.0, -1.0)
    assert squared_hinge(1e3).total(z, 1e0 * label)[0] == pytest.approx(np.sum((1e3 - label * z) ** 2) / 2, rel=1e-13)


def test_sgd_on_the_perceptron_s_criterion_is_rosenblatt_s_rule() -> None:
    on = problem("hinge(n=40, d=2, condition=1, margin=0, l2=0, noise=0)")
    theta0 = on.start(np.random.default_rng(0))
    found = flat(SGD(step=1.0).iterate(on, theta0, np.random.default_rng(0)), 200)
    moved = found[-1] - theta0
    whole = np.linalg.lstsq((on.y[:, None] * on.rows.stored()).T, moved, rcond=None)
    assert whole[1].size == 0 or whole[1][0] < 1e-20, "a sum of rows that were wrong"
    assert on.value(found[-1]) == 0, "it ends where every row is right"
    assert on.measures(found[-1])["accuracy"] == 1


def test_a_kink_is_told_in_a_sentence() -> None:
    kinked, bent = (
        problem("linear-regression(n=30, d=3, loss=absolute, l1=0.1)"),
        problem("linear-regression(loss=huber)"),
    )
    assert missing(kinked, (Smooth,)) == "it needs a gradient: the absolute loss has no slope where a residual is 0"
    assert "no second derivative where a residual is 1" in (missing(bent, (TwiceSmooth,)) or "")
    over = problem("linear-regression(n=30, d=3, loss=absolute, nonnegative=true)")
    assert "no slope" in (missing(over, (Composite,)) or "")
    assert "must not be negative" in (missing(over, (FiniteSum,)) or "")


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("linear-regression(delta=1)", "delta is for loss=huber; the squared loss has no delta"),
        ("linear-regression(loss=huber, tau=0.5)", "tau is for loss=quantile"),
        ("linear-regression(loss=quantile, tau=1)", "above 0 and below 1"),
        ("linear-regression(loss=huber, delta=0)", "positive"),
        ("hinge(margin=-1)", "zero or a positive"),
        ("lasso(share=0.1, l1=0.1)", "give one of them"),
        ("ridge(data=diabetes, n=20)", "synthetic"),
    ],
)
def test_what_does_not_go_together_is_refused(spec: str, told: str) -> None:
    with pytest.raises(SpecError, match=told):
        problem(spec)


@pytest.mark.parametrize("data", ["", "data=diabetes"])
def test_named_regressions_are_linear_regressions(data: str) -> None:
    lasso, net = problem(f"lasso({data})"), problem(f"elastic-net({data})")
    assert np.count_nonzero(lasso.rows.split(flat_answer(lasso))[0]) > 0
    assert net.penalty.l1 == net.penalty.l2 == lasso.penalty.l1
    nothing = problem(f"lasso({data}{', ' * bool(data)}share=1.000001)")
    assert nothing.gap(np.r_[np.zeros(nothing.dim - 1), nothing.y.mean()]) <= 1e-12
    assert "every coefficient is 0" in lasso.about.notes[-1]
    assert problem("ridge").penalty == Penalty(l2=0.01)
    assert problem("nonnegative-least-squares").penalty.nonnegative
    assert reference("ridge").upper == pytest.approx(reference("linear-regression(l2=0.01)").upper, rel=1e-14)


def flat_answer(on: Any) -> np.ndarray:
    from solvers.composite.proximal import FISTA

    return list(islice(FISTA().iterate(on, np.zeros(on.dim), np.random.default_rng(0)), 200))[-1]


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
EXACT = {  # how many of them each peer takes
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
    came = [(on, run(spec, on, 20_000)) for on in STRONG]
    taken = [(on, gaps) for on, gaps in came if gaps is not None]
    assert len(taken) == EXACT[spec]
    for on, (end, start, _) in taken:
        assert end <= 1e-8 * start, on


@pytest.mark.parametrize("spec", ROUGH)
def test_a_stochastic_peer_comes_near_the_minimum_of_our_f(spec: str) -> None:
    budget, kind, many = ROUGH[spec]
    ran = [(on, gaps) for on in STRONG if re.search(kind, on) and (gaps := run(spec, on, budget)) is not None]
    assert len(ran) == many
    for on, (end, start, _) in ran:
        assert end <= 5e-3 * start, on
