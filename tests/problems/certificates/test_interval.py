"""The interval about f* of linear models holds the minimum to 50 digits, on comfortable and on degenerate columns."""

from __future__ import annotations

import math
from collections import Counter

import mpmath as mp
import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from problems.certificates.interval.columns import Columns
from problems.certificates.interval.interval import Interval, interval
from problems.certificates.interval.scaled_model import scaled_model
from problems.foundation.double_double import DoubleDouble, exact
from problems.parts.losses import Loss, logistic, squared
from problems.parts.losses.kinked import absolute, hinge, huber, quantile, squared_hinge
from problems.parts.penalties import NONE, Penalty
from problems.parts.rows import Rows
from tests.helpers.exact_minima import DIGITS, Unproven, minimum, value

FAMILIES: dict[str, tuple[Loss, Penalty]] = {
    "squares": (squared, NONE),
    "ridge": (squared, Penalty(l2=1e-3)),
    "lasso": (squared, Penalty(l1=0.05)),
    "elastic net": (squared, Penalty(l1=0.05, l2=1e-3)),
    "non-negative": (squared, Penalty(nonnegative=True)),
    "huber": (huber(0.3), NONE),
    "absolute": (absolute, NONE),
    "absolute l1": (absolute, Penalty(l1=0.02)),
    "quantile": (quantile(0.3), NONE),
    "logistic": (logistic, NONE),
    "logistic l2": (logistic, Penalty(l2=1e-3)),
    "logistic l1": (logistic, Penalty(l1=0.01)),
    "hinge": (hinge(1.0), NONE),
    "hinge l2": (hinge(1.0), Penalty(l2=1e-2)),
    "squared hinge": (squared_hinge(1.0), Penalty(l2=1e-3)),
}
KINDS = ("plain", "duplicate", "near", "one-hot", "units", "offset", "scales", "wide", "zero", "ties")
SEEDS = 2


def columns(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Columns as tables have them, shape (n, d)."""
    n, d = (5, 7) if kind == "wide" else (int(rng.integers(8, 14)), 3)
    X = rng.standard_normal((n, d))
    if kind == "duplicate":
        X[:, 2] = X[:, 0]
    elif kind == "near":
        X[:, 2] = X[:, 0] * (1 + 1e-7 * rng.standard_normal(n))
    elif kind == "one-hot":
        X = np.column_stack([np.eye(3)[np.append([0, 1, 2], rng.integers(0, 3, n - 3))], X[:, :1]])
    elif kind == "units":
        X[:, 1] = np.round(20 + 8 * X[:, 0], 1)
        X[:, 2] = 2 * X[:, 1] + 32
    elif kind == "offset":
        X += 1e9
    elif kind == "scales":
        X *= 10.0 ** np.array([-8, 0, 8])
    elif kind == "zero":
        X[:, 0] = 0.0
    elif kind == "ties":
        X = rng.integers(-1, 2, (n, d)).astype(float)
    return X


def random_problem(family: str, kind: str, seed: int) -> tuple[np.ndarray, np.ndarray, bool, Loss, Penalty]:
    loss, penalty = FAMILIES[family]
    rng = np.random.default_rng([seed, *family.encode(), *kind.encode()])
    X = columns(kind, rng)
    z = (X - X.mean(0)) / np.maximum(X.std(0), 1e-12) @ rng.standard_normal(X.shape[1])
    if loss.labels:
        y = np.where(z - np.median(z) + 2 * rng.logistic(size=len(z)) > 0, 1.0, -1.0)
        y[:2] = 1.0, -1.0
    else:
        y = z + rng.standard_t(3, len(z)) + (1e9 if kind == "offset" and seed % 2 else 0.0)
    return X, y, kind in ("one-hot", "offset") or seed % 2 == 0, loss, penalty


def interval_of(X: object, y: np.ndarray, intercept: bool, loss: Loss, penalty: Penalty) -> Interval:
    model = scaled_model(Rows(X, intercept), y, loss, penalty)
    assert model is not None
    return interval(model, Columns(model))


@pytest.mark.parametrize("family", FAMILIES)
def test_it_holds_the_minimum_to_fifty_digits_and_is_narrow(family: str) -> None:
    proven = Counter[bool]()
    for kind in KINDS:
        for seed in range(SEEDS):
            X, y, intercept, loss, penalty = random_problem(family, kind, seed)
            known = interval_of(X, y, intercept, loss, penalty)
            assert known.lower <= known.upper
            f0 = Rows(X, intercept).total(np.zeros(X.shape[1] + intercept), y, loss) / len(y)
            assert known.upper - known.lower <= 1e-12 * f0, (kind, seed)
            try:
                f, theta = minimum(X, y, intercept, loss, penalty, known.theta)
            except Unproven:
                proven[False] += 1
                continue
            proven[True] += 1
            assert f <= mp.mpf(known.upper), (kind, seed)
            within = known.length(np.array([float(v) for v in theta])) <= known.radius
            assert not within or mp.mpf(known.lower) <= f, (kind, seed)
    assert proven[True] >= 2 * proven[False], "most minima are proven by their optimality conditions"


@settings(max_examples=60)
@given(
    family=st.sampled_from(list(FAMILIES)),
    kind=st.sampled_from(KINDS),
    seed=st.integers(0, 2**16),
    size=st.sampled_from([0.0, 1e-8, 1.0, 1e8]),
)
def test_both_bounds_are_true_at_any_point(family: str, kind: str, seed: int, size: float) -> None:
    """upper(theta) >= f* and lower(s) <= f* in the ball, for random theta and s, which nothing has improved."""
    X, y, intercept, loss, penalty = random_problem(family, kind, seed)
    model = scaled_model(Rows(X, intercept), y, loss, penalty)
    assert model is not None
    known = interval(model, Columns(model))
    rng = np.random.default_rng(seed)
    theta = exact(known.theta / model.scale) + size * rng.standard_normal(model.dim)
    assert model.upper(theta) >= known.lower
    s = DoubleDouble(size * rng.standard_normal(model.n), np.zeros(model.n))
    assert model.lower(s, known.radius, known.upper).value <= known.upper
    with mp.workdps(DIGITS):
        parts = zip(theta.hi.tolist(), theta.lo.tolist(), model.scale.tolist(), strict=True)
        point = [(mp.mpf(hi) + mp.mpf(lo)) * scale for hi, lo, scale in parts]
    if math.isfinite(model.upper(theta)):
        assert value(X, y, intercept, loss, penalty, point) <= mp.mpf(model.upper(theta))


def test_sparse_rows_have_the_interval_of_the_same_rows_as_an_array() -> None:
    rng = np.random.default_rng(0)
    X = np.column_stack([np.eye(3)[rng.integers(0, 3, 30)], rng.standard_normal((30, 2))])
    y = rng.standard_normal(30)
    dense, sparse = (interval_of(rows, y, True, squared, NONE) for rows in (X, sp.csr_array(X)))
    assert dense.rank == sparse.rank == 5
    assert sparse.lower == pytest.approx(dense.lower, rel=1e-14)
    assert sparse.upper == pytest.approx(dense.upper, rel=1e-14)


def test_columns_that_differ_by_rounding_alone_do_not_hide_a_minimum() -> None:
    """a = i, b = i + 1e-7 (i mod 3), y = i mod 3: the fit by their difference is nearly exact."""
    i = np.arange(12.0)
    y = i % 3
    known = interval_of(np.column_stack([i, i + 1e-7 * y]), y, True, huber(1.0), NONE)
    assert 0 <= known.lower <= known.upper <= 5e-16


def test_an_exact_fit_has_the_minimum_zero() -> None:
    known = interval_of(np.array([[3.0], [0.0], [1.0]]), np.array([5.0, 2.0, 3.0]), True, squared, NONE)
    assert known.lower == 0.0
    assert known.upper <= 1e-50


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e9])
def test_offsets_cost_no_truth(offset: float) -> None:
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((40, 4)) + offset, rng.standard_normal(40) + offset
    known = interval_of(X, y, True, squared, NONE)
    f, _ = minimum(X, y, True, squared, NONE, known.theta)
    assert mp.mpf(known.lower) <= f <= mp.mpf(known.upper)
    assert known.upper - known.lower <= 1e-12 * known.upper
