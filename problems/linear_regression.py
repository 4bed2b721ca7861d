"""Linear regression: half the mean squared error of X w + b, on seeded, bundled or one's own rows."""

from __future__ import annotations

from .checks import at_least, not_negative
from .data.real import only_synthetic, real_rows
from .data.synthetic import planted
from .forms import NOTHING
from .linear_model import linear_model
from .losses import squared
from .penalised_model import PenalisedModel
from .penalties import Penalty
from .rows import Rows


def linear_regression(
    data: str = "synthetic",
    target: str | None = None,
    n: int = 1000,
    d: int = 20,
    condition: float = 100.0,
    noise: float = 0.1,
    l1: float = 0.0,
    l2: float = 0.0,
    nonnegative: bool = False,
    intercept: bool = True,
    standardize: bool = True,
    seed: int = 0,
) -> PenalisedModel:
    """Linear regression by least squares.

        f(theta) = (1/2n) sum_i (x_i . w + b - y_i)^2 + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b)

    Half the mean squared error, so that the gradient is X'r/n; the intercept b is not penalised. Convex, and
    strongly so where the columns are independent or l2 > 0. Certified: with a smooth penalty f(theta) - f* is half
    the squared length of the residual's projection on the columns, over n, which is exact but for rounding; with an
    l1 or a constraint by the duality gap or by strong convexity.

    data         synthetic, diabetes, or the path of a CSV file with a header line
    target       the file's column to predict; the last where it is left out
    n, d         synthetic rows and columns
    condition    synthetic: condition number of the Hessian X'X/n, exactly
    noise        synthetic: standard deviation of y about the hidden line
    l1, l2       weights of the penalties: l1 alone is the lasso, l2 alone ridge, both the elastic net
    nonnegative  whether w must not be negative
    intercept    whether b is there
    standardize  diabetes and files: columns and target moved and scaled to mean 0, variance 1
    seed         of the synthetic rows

    Source: Gauss (1809); the data set of Efron et al. (2004), doi:10.1214/009053604000000067.
    """
    not_negative(noise=noise)
    about = NOTHING
    if data == "synthetic":
        at_least(1, condition=condition, d=d)
        at_least(2, n=n)
        X, z, rng = planted(n, d, condition, seed)
        y = z + noise * rng.standard_normal(n)
    else:
        only_synthetic(linear_regression, data, n=n, d=d, condition=condition, noise=noise, seed=seed)
        X, y, about = real_rows(data, target, "regression", standardize)
    return linear_model(Rows(X, intercept), y, squared, Penalty(l1, l2, nonnegative), about=about)
