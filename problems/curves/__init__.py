"""Curve fitting: models that are written as a formula."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "curve": ProblemEntry(
        "problems.curves.problem:curve",
        "curve",
        "A model written as a formula, fitted to points by nonlinear least squares.",
        ("TwiceSmooth", "NonlinearLeastSquares", "FiniteSum", "Certified"),
        "Gauss (1809); NIST's Statistical Reference Datasets (1999), doi:10.18434/T43G6C",
    ),
}
