"""Other people's solvers, as black boxes."""

from __future__ import annotations

from .entry import Entry

SCIPY = "Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2"
SKLEARN = "Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html"
STATSMODELS = "Seabold & Perktold (2010), doi:10.25080/Majora-92bf1922-011"


def _peer(place: str, summary: str, needs: tuple[str, ...], source: str, variants: tuple[str, ...] = ()) -> Entry:
    return Entry(f"solvers.peers.{place}", "peer", summary, needs, source, variants)


TABLE: dict[str, Entry] = {
    "scipy-lstsq": _peer(
        "scipy_linear:Lstsq",
        "scipy.linalg.lstsq: least squares by SVD or pivoted QR.",
        ("LeastSquares",),
        SCIPY,
    ),
    "scipy-lsqr": _peer(
        "scipy_krylov:ScipyLSQR",
        "scipy.sparse.linalg.lsqr: least squares by bidiagonalisation.",
        ("LeastSquares",),
        "Paige & Saunders (1982), doi:10.1145/355984.355989",
    ),
    "scipy-lsmr": _peer(
        "scipy_krylov:ScipyLSMR",
        "scipy.sparse.linalg.lsmr: least squares by bidiagonalisation, safe to stop early.",
        ("LeastSquares",),
        "Fong & Saunders (2011), doi:10.1137/10079687X",
    ),
    "scipy-nnls": _peer(
        "scipy_linear:ScipyNNLS",
        "scipy.optimize.nnls: least squares over w >= 0 by an active set.",
        ("NonnegativeModel",),
        "Lawson & Hanson (1995), doi:10.1137/1.9781611971217",
    ),
    "scipy-linprog": _peer(
        "scipy_programs:ScipyLinprog",
        "scipy.optimize.linprog: basis pursuit as a linear program, by HiGHS.",
        ("BasisPursuit",),
        "Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5",
        variants=("scipy-linprog", "scipy-linprog(method=highs-ipm)"),
    ),
    "scipy-linprog-model": _peer(
        "scipy_corners:ScipyLinprogModel",
        "scipy.optimize.linprog: absolute, quantile or hinge loss, with an l1 or none, by HiGHS.",
        ("LinearModel",),
        "Wagner (1959), doi:10.1080/01621459.1959.10501506",
        variants=("scipy-linprog-model", "scipy-linprog-model(method=highs-ipm)"),
    ),
    "scipy-solve": _peer(
        "scipy_linear:ScipySolve",
        "scipy.linalg.solve: a square system by LAPACK.",
        ("LinearSystem",),
        SCIPY,
    ),
    "scipy-spsolve": _peer(
        "scipy_linear:ScipySpsolve",
        "scipy.sparse.linalg.spsolve: a sparse square system by SuperLU.",
        ("LinearSystem",),
        "Demmel et al. (1999), doi:10.1137/S0895479895291765",
    ),
    "scipy-cg": _peer(
        "scipy_krylov:ScipyCG",
        "scipy.sparse.linalg.cg: conjugate gradients.",
        ("SPDSystem",),
        SCIPY,
    ),
    "scipy-minres": _peer(
        "scipy_krylov:ScipyMINRES",
        "scipy.sparse.linalg.minres: a symmetric system, definite or not.",
        ("SymmetricSystem",),
        "Paige & Saunders (1975), doi:10.1137/0712047",
    ),
    "scipy-gmres": _peer(
        "scipy_krylov:ScipyGMRES",
        "scipy.sparse.linalg.gmres: any square system, an iterate a restart.",
        ("LinearSystem",),
        "Saad & Schultz (1986), doi:10.1137/0907058",
    ),
    "scipy-minimize": _peer(
        "scipy_optimize:Minimize",
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
    "scipy-least-squares": _peer(
        "scipy_optimize:ScipyLeastSquares",
        "scipy.optimize.least_squares: trf, dogbox or lm, from residuals.",
        ("NonlinearLeastSquares",),
        "More (1978), doi:10.1007/BFb0067700",
        variants=("scipy-least-squares", "scipy-least-squares(method=lm)"),
    ),
    "scipy-differential-evolution": _peer(
        "scipy_global:DifferentialEvolution",
        "scipy.optimize.differential_evolution: any f in a box, from values alone.",
        ("Objective",),
        "Storn & Price (1997), doi:10.1023/A:1008202821328",
    ),
    "scipy-dual-annealing": _peer(
        "scipy_global:DualAnnealing",
        "scipy.optimize.dual_annealing: any f in a box, by annealing and L-BFGS-B.",
        ("Objective",),
        "Xiang et al. (1997), doi:10.1016/S0375-9601(97)00474-X",
    ),
    "sklearn-linear-regression": _peer(
        "sklearn_linear:SklearnLinearRegression",
        "sklearn.linear_model.LinearRegression.",
        ("LinearModel", "LeastSquares"),
        SKLEARN,
    ),
    "sklearn-ridge": _peer(
        "sklearn_linear:SklearnRidge",
        "sklearn.linear_model.Ridge: cholesky, svd, lsqr, sparse_cg, sag or saga.",
        ("LinearModel", "LeastSquares"),
        SKLEARN,
        variants=("sklearn-ridge", "sklearn-ridge(solver=sparse_cg)", "sklearn-ridge(solver=sag)"),
    ),
    "sklearn-elastic-net": _peer(
        "sklearn_linear:SklearnElasticNet",
        "sklearn.linear_model.ElasticNet: the lasso and the elastic net by coordinate descent.",
        ("LinearModel", "Composite"),
        SKLEARN,
    ),
    "sklearn-nonnegative": _peer(
        "sklearn_linear:SklearnNonnegative",
        "sklearn.linear_model.ElasticNet(positive=True): least squares over w >= 0 by coordinate descent.",
        ("NonnegativeModel",),
        SKLEARN,
    ),
    "sklearn-quantile": _peer(
        "sklearn_kinked:SklearnQuantile",
        "sklearn.linear_model.QuantileRegressor: quantile or absolute loss, with an l1 or none, by HiGHS.",
        ("LinearModel",),
        "Koenker & Bassett (1978), doi:10.2307/1913643",
    ),
    "sklearn-linear-svc": _peer(
        "sklearn_kinked:SklearnLinearSVC",
        "sklearn.svm.LinearSVC: hinge or squared hinge without an intercept, by liblinear.",
        ("LinearModel",),
        "Hsieh et al. (2008), doi:10.1145/1390156.1390208",
    ),
    "sklearn-logistic": _peer(
        "sklearn_logistic:SklearnLogistic",
        "sklearn.linear_model.LogisticRegression: lbfgs, liblinear, newton-cg, newton-cholesky, sag or saga.",
        ("LinearModel",),
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
    "sklearn-softmax": _peer(
        "sklearn_outputs:SklearnSoftmax",
        "sklearn.linear_model.LogisticRegression of several classes: lbfgs, newton-cg, newton-cholesky, sag or saga.",
        ("MatrixModel",),
        SKLEARN,
        variants=(
            "sklearn-softmax",
            "sklearn-softmax(solver=newton-cg)",
            "sklearn-softmax(solver=newton-cholesky)",
            "sklearn-softmax(solver=sag)",
            "sklearn-softmax(solver=saga)",
        ),
    ),
    "sklearn-outputs": _peer(
        "sklearn_outputs:SklearnOutputs",
        "sklearn.linear_model.Ridge of several outputs: cholesky, svd, lsqr, sparse_cg, sag or saga.",
        ("MatrixModel", "LeastSquares"),
        SKLEARN,
        variants=("sklearn-outputs", "sklearn-outputs(solver=sparse_cg)"),
    ),
    "sklearn-sgd-classifier": _peer(
        "sklearn_sgd:SklearnSGDClassifier",
        "sklearn.linear_model.SGDClassifier on the cross-entropy.",
        ("LinearModel",),
        SKLEARN,
    ),
    "sklearn-sgd-regressor": _peer(
        "sklearn_sgd:SklearnSGDRegressor",
        "sklearn.linear_model.SGDRegressor on the squared loss.",
        ("LinearModel",),
        SKLEARN,
    ),
    "sklearn-mlp": _peer(
        "sklearn_mlp:SklearnMLP",
        "sklearn.neural_network's MLPClassifier and MLPRegressor: lbfgs, adam or sgd.",
        ("LayeredModel",),
        SKLEARN,
        variants=("sklearn-mlp", "sklearn-mlp(solver=adam)", "sklearn-mlp(solver=sgd)"),
    ),
    "sklearn-pca": _peer(
        "sklearn_unsupervised:SklearnPCA",
        "sklearn.decomposition.PCA: full, covariance_eigh or randomized.",
        ("PrincipalSubspace",),
        SKLEARN,
        variants=("sklearn-pca", "sklearn-pca(solver=covariance_eigh)", "sklearn-pca(solver=randomized)"),
    ),
    "sklearn-k-means": _peer(
        "sklearn_unsupervised:SklearnKMeans",
        "sklearn.cluster.KMeans from theta_0: lloyd or elkan.",
        ("Clustering",),
        SKLEARN,
        variants=("sklearn-k-means", "sklearn-k-means(algorithm=elkan)"),
    ),
    "sklearn-mini-batch-k-means": _peer(
        "sklearn_unsupervised:SklearnMiniBatchKMeans",
        "sklearn.cluster.MiniBatchKMeans from theta_0.",
        ("Clustering",),
        SKLEARN,
    ),
    "statsmodels-ols": _peer(
        "statsmodels_linear:StatsmodelsOLS",
        "statsmodels.OLS: least squares by pseudoinverse or QR, with standard errors.",
        ("LeastSquares",),
        STATSMODELS,
    ),
    "statsmodels-logit": _peer(
        "statsmodels_linear:StatsmodelsLogit",
        "statsmodels.Logit: newton, bfgs, lbfgs, cg or ncg, without a penalty.",
        ("LinearModel",),
        STATSMODELS,
    ),
}
