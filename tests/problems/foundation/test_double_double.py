"""Double-double arithmetic agrees with rational numbers within the errors that it charges."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from problems.foundation.double_double import ROUNDING, DoubleDouble, exact, lower_sum, two_sum, upper_sum
from problems.kernels import extended

NUMBERS = st.floats(-1e20, 1e20, allow_nan=False).filter(lambda v: v == 0 or abs(v) > 1e-100)


def rational(x: DoubleDouble) -> list[Fraction]:
    return [Fraction(hi) + Fraction(lo) for hi, lo in zip(x.hi.tolist(), x.lo.tolist(), strict=True)]


@given(st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=8))
def test_sums_and_products_are_within_the_rounding_that_is_charged(numbers: list[tuple[float, ...]]) -> None:
    a, b, c, d = np.array(numbers).T
    x, y = DoubleDouble(*two_sum(a, b * 1e-20)), DoubleDouble(*two_sum(c, d * 1e-20))
    for done, size, truth in (
        (x + y, abs(x.hi) + abs(y.hi), [p + q for p, q in zip(rational(x), rational(y), strict=True)]),
        (x - y, abs(x.hi) + abs(y.hi), [p - q for p, q in zip(rational(x), rational(y), strict=True)]),
        (x * y, abs(x.hi * y.hi), [p * q for p, q in zip(rational(x), rational(y), strict=True)]),
    ):
        for value, exactly, scale in zip(rational(done), truth, size.tolist(), strict=True):
            assert abs(value - exactly) <= Fraction(ROUNDING) * Fraction(scale)


@given(st.lists(NUMBERS, max_size=40), st.floats(0, 1e-3))
def test_a_sum_lies_between_its_bounds(numbers: list[float], error: float) -> None:
    x, errors = exact(np.array(numbers)), np.full(len(numbers), error)
    truth, slack = sum(map(Fraction, numbers), Fraction(0)), Fraction(error) * len(numbers)
    assert Fraction(lower_sum(x, errors)) <= truth - slack
    assert truth + slack <= Fraction(upper_sum(x, errors))
    width = Fraction(upper_sum(x, errors)) - Fraction(lower_sum(x, errors))
    assert width <= 3 * slack + Fraction(1e-15) * (abs(truth) + 1) + Fraction(1e-28) * sum(
        abs(Fraction(v)) for v in numbers
    )


@given(st.integers(0, 2**32), st.integers(1, 30), st.integers(1, 6))
def test_products_with_rows_are_within_their_bounds(seed: int, n: int, d: int) -> None:
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)) * 10.0 ** rng.integers(-8, 9, d)
    theta = DoubleDouble(*two_sum(rng.standard_normal(d), 1e-17 * rng.standard_normal(d)))
    z, size = DoubleDouble(np.empty(n), np.empty(n)), np.empty(n)
    extended.product(X, theta.hi, theta.lo, z.hi, z.lo, size)
    for row, value, scale in zip(X.tolist(), rational(z), size.tolist(), strict=True):
        truth = sum((Fraction(x) * t for x, t in zip(row, rational(theta), strict=True)), Fraction(0))
        assert abs(value - truth) <= 4 * Fraction(ROUNDING) * (d + 2) * Fraction(scale)
    g, of_columns = DoubleDouble(np.empty(d), np.empty(d)), np.empty(d)
    extended.transposed(X, z.hi, z.lo, g.hi, g.lo, of_columns)
    for column, value, scale in zip(X.T.tolist(), rational(g), of_columns.tolist(), strict=True):
        truth = sum((Fraction(x) * s for x, s in zip(column, rational(z), strict=True)), Fraction(0))
        assert abs(value - truth) <= 4 * Fraction(ROUNDING) * (n + 2) * Fraction(scale)
