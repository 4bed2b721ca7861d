"""Solvers of statsmodels."""

from problems.foundation.catalogue import SolverEntry

STATSMODELS = "Seabold & Perktold (2010), doi:10.25080/Majora-92bf1922-011"

TABLE = {
    "statsmodels-ols": SolverEntry(
        "solvers.peers.statsmodels.linear:StatsmodelsOLS",
        "peer",
        "statsmodels.OLS: least squares by pseudoinverse or QR, with standard errors.",
        ("LeastSquares",),
        STATSMODELS,
    ),
    "statsmodels-logit": SolverEntry(
        "solvers.peers.statsmodels.linear:StatsmodelsLogit",
        "peer",
        "statsmodels.Logit: newton, bfgs, lbfgs, cg or ncg, without a penalty.",
        ("LinearModel",),
        STATSMODELS,
    ),
}
