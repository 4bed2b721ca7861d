"""Other people's solvers, as black boxes."""

from __future__ import annotations

from .entry import Entry

SCIPY = "Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2"
SKLEARN = "Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html"

TABLE: dict[str, Entry] = {
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
