"""What can answer: the catalogue of solvers.

The catalogue is a table to read; nothing is imported before it is used.

>>> TABLE["qr"].place
'solvers.direct:QR'
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One solver: where its class lives, what the default instance needs, where the method comes from."""

    place: str
    family: str
    summary: str
    needs: tuple[str, ...]
    source: str
    variants: tuple[str, ...] = ()  # its entries in a race of all solvers, where that is not the default alone


SCIPY = "Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2"
SKLEARN = "Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html"

TABLE = {
    "normal-equations": Entry(
        "solvers.direct:NormalEquations",
        "direct",
        "Least squares in closed form: X'X theta = X'y.",
        ("LeastSquares",),
        "Gauss (1809)",
    ),
    "cholesky": Entry(
        "solvers.direct:Cholesky",
        "direct",
        "A = L L' for a symmetric positive definite system.",
        ("SPDSystem",),
        "Cholesky (1910)",
    ),
    "lu": Entry(
        "solvers.direct:LU",
        "direct",
        "P A = L U, Gaussian elimination with partial pivoting, for a square system.",
        ("LinearSystem",),
        "Golub & Van Loan (2013), section 3.4",
    ),
    "qr": Entry(
        "solvers.direct:QR",
        "direct",
        "Least squares by Householder reflections of the rows.",
        ("LeastSquares",),
        "Golub (1965), doi:10.1007/BF01436075",
    ),
    "jacobi": Entry(
        "solvers.stationary:Jacobi",
        "stationary",
        "Jacobi's iteration for a square system: every equation solved for its own unknown.",
        ("LinearSystem",),
        "Jacobi (1845)",
    ),
    "conjugate-gradient": Entry(
        "solvers.krylov:ConjugateGradient",
        "Krylov",
        "Conjugate gradients for a symmetric positive definite system.",
        ("SPDSystem",),
        "Hestenes & Stiefel (1952), doi:10.6028/jres.049.044",
    ),
    "gradient-descent": Entry(
        "solvers.descent:GradientDescent",
        "first order",
        "Fixed steps along the gradient; 1/L where no step is given.",
        ("Smooth",),
        "Cauchy (1847)",
    ),
    "momentum": Entry(
        "solvers.descent:Momentum",
        "first order",
        "Gradient descent that keeps a part of its last move: the heavy ball.",
        ("Smooth",),
        "Polyak (1964), doi:10.1016/0041-5553(64)90137-5",
    ),
    "nesterov": Entry(
        "solvers.descent:Nesterov",
        "first order",
        "Accelerated gradient descent: the gradient is taken ahead.",
        ("Smooth",),
        "Nesterov (1983)",
    ),
    "sgd": Entry(
        "solvers.stochastic:SGD",
        "first order",
        "Stochastic gradient descent on batches of rows; constant, inverse or cosine steps.",
        ("FiniteSum",),
        "Robbins & Monro (1951), doi:10.1214/aoms/1177729586",
        variants=("sgd", "sgd(batch=32)", "sgd(schedule=inverse)"),
    ),
    "newton": Entry(
        "solvers.newton:Newton",
        "second order",
        "Newton's method with step halving.",
        ("TwiceSmooth",),
        "Nocedal & Wright (2006), algorithms 3.2 and 3.3",
    ),
    "lbfgs": Entry(
        "solvers.quasi_newton:LBFGS",
        "second order",
        "Limited-memory BFGS with a strong Wolfe line search.",
        ("Smooth",),
        "Liu & Nocedal (1989), doi:10.1007/BF01589116",
    ),
    "scipy-lstsq": Entry(
        "solvers.peers.scipy_linear:Lstsq",
        "peer",
        "scipy.linalg.lstsq: least squares by SVD or pivoted QR.",
        ("LeastSquares",),
        SCIPY,
    ),
    "scipy-cg": Entry(
        "solvers.peers.scipy_linear:ScipyCG",
        "peer",
        "scipy.sparse.linalg.cg: conjugate gradients.",
        ("SPDSystem",),
        SCIPY,
    ),
    "scipy-minimize": Entry(
        "solvers.peers.scipy_optimize:Minimize",
        "peer",
        "scipy.optimize.minimize: L-BFGS-B, BFGS, CG, Newton-CG or trust-ncg.",
        ("Smooth",),
        SCIPY,
        variants=(
            "scipy-minimize",
            "scipy-minimize(method=BFGS)",
            "scipy-minimize(method=CG)",
            "scipy-minimize(method=Newton-CG)",
            "scipy-minimize(method=trust-ncg)",
        ),
    ),
    "sklearn-linear-regression": Entry(
        "solvers.peers.sklearn_linear:SklearnLinearRegression",
        "peer",
        "sklearn.linear_model.LinearRegression.",
        ("LinearModel", "LeastSquares"),
        SKLEARN,
    ),
    "sklearn-ridge": Entry(
        "solvers.peers.sklearn_linear:SklearnRidge",
        "peer",
        "sklearn.linear_model.Ridge: cholesky, svd, lsqr, sparse_cg, sag or saga.",
        ("LinearModel", "LeastSquares"),
        SKLEARN,
        variants=("sklearn-ridge", "sklearn-ridge(solver=sparse_cg)", "sklearn-ridge(solver=sag)"),
    ),
    "sklearn-logistic": Entry(
        "solvers.peers.sklearn_linear:SklearnLogistic",
        "peer",
        "sklearn.linear_model.LogisticRegression: lbfgs, liblinear, newton-cg, newton-cholesky, sag or saga.",
        ("LinearModel", "TwiceSmooth"),
        SKLEARN,
        variants=(
            "sklearn-logistic",
            "sklearn-logistic(solver=liblinear)",
            "sklearn-logistic(solver=newton-cg)",
            "sklearn-logistic(solver=newton-cholesky)",
            "sklearn-logistic(solver=sag)",
            "sklearn-logistic(solver=saga)",
        ),
    ),
    "sklearn-sgd-classifier": Entry(
        "solvers.peers.sklearn_sgd:SklearnSGDClassifier",
        "peer",
        "sklearn.linear_model.SGDClassifier on the cross-entropy.",
        ("LinearModel",),
        SKLEARN,
    ),
    "sklearn-sgd-regressor": Entry(
        "solvers.peers.sklearn_sgd:SklearnSGDRegressor",
        "peer",
        "sklearn.linear_model.SGDRegressor on the squared loss.",
        ("LinearModel",),
        SKLEARN,
    ),
    "sklearn-mlp": Entry(
        "solvers.peers.sklearn_mlp:SklearnMLP",
        "peer",
        "sklearn.neural_network.MLPClassifier: lbfgs, adam or sgd.",
        ("LayeredModel",),
        SKLEARN,
        variants=("sklearn-mlp", "sklearn-mlp(solver=adam)", "sklearn-mlp(solver=sgd)"),
    ),
}


def everyone() -> tuple[str, ...]:
    """All entries of a race of all solvers, in the table's order."""
    return tuple(spec for name, entry in TABLE.items() for spec in entry.variants or (name,))
