"""Solvers of linear systems and least squares: direct, stationary, Krylov."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {
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
}
