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
        "P A = L U, Gaussian elimination with partial pivoting, for a square system, dense or sparse.",
        ("LinearSystem",),
        "Golub & Van Loan (2013), section 3.4",
    ),
    "qr": Entry(
        "solvers.direct:QR",
        "direct",
        "Least squares by Householder reflections of the rows, of minimum norm on request.",
        ("LeastSquares",),
        "Golub (1965), doi:10.1007/BF01436075",
        ("qr", "qr(minimum_norm=true)"),
    ),
    "svd": Entry(
        "solvers.direct:SVD",
        "direct",
        "Least squares of minimum norm by singular values, those that noise has spoilt left out.",
        ("LeastSquares",),
        "Golub & Kahan (1965), doi:10.1137/0702016",
    ),
    "jacobi": Entry(
        "solvers.stationary:Jacobi",
        "stationary",
        "Jacobi's iteration for a square system: every equation solved for its own unknown.",
        ("LinearSystem",),
        "Jacobi (1845), doi:10.1002/asna.18450222002",
    ),
    "gauss-seidel": Entry(
        "solvers.stationary:GaussSeidel",
        "stationary",
        "Gauss and Seidel's iteration for a square system: the same, with what is new put to use at once.",
        ("LinearSystem",),
        "Seidel (1874)",
    ),
    "sor": Entry(
        "solvers.stationary:SOR",
        "stationary",
        "Successive over-relaxation of a square system, with Young's omega where it can be found.",
        ("LinearSystem",),
        "Young (1954), doi:10.1090/S0002-9947-1954-0059635-7",
    ),
    "richardson": Entry(
        "solvers.stationary:Richardson",
        "stationary",
        "Richardson's iteration for a symmetric positive definite system: steps along the residual.",
        ("SPDSystem",),
        "Richardson (1911), doi:10.1098/rsta.1911.0009",
    ),
    "conjugate-gradient": Entry(
        "solvers.krylov:ConjugateGradient",
        "Krylov",
        "Conjugate gradients for a symmetric positive definite system.",
        ("SPDSystem",),
        "Hestenes & Stiefel (1952), doi:10.6028/jres.049.044",
    ),
    "preconditioned-cg": Entry(
        "solvers.krylov:PreconditionedCG",
        "Krylov",
        "Conjugate gradients after Jacobi, SSOR or incomplete Cholesky, for a symmetric positive definite system.",
        ("SPDSystem",),
        "Concus, Golub & O'Leary (1976); Meijerink & van der Vorst (1977), doi:10.1090/S0025-5718-1977-0438681-4",
        (
            "preconditioned-cg(preconditioner=jacobi)",
            "preconditioned-cg(preconditioner=ssor)",
            "preconditioned-cg(preconditioner=incomplete-cholesky)",
        ),
    ),
    "minres": Entry(
        "solvers.krylov:MINRES",
        "Krylov",
        "The minimum residual method for a symmetric system, definite or not.",
        ("SymmetricSystem",),
        "Paige & Saunders (1975), doi:10.1137/0712047",
    ),
    "gmres": Entry(
        "solvers.krylov:GMRES",
        "Krylov",
        "The generalised minimum residual method, restarted, for any square system.",
        ("LinearSystem",),
        "Saad & Schultz (1986), doi:10.1137/0907058",
    ),
    "lsqr": Entry(
        "solvers.least_squares_krylov:LSQR",
        "Krylov",
        "Least squares by bidiagonalisation: conjugate gradients on X'X theta = X'y, stabler.",
        ("LeastSquares",),
        "Paige & Saunders (1982), doi:10.1145/355984.355989",
    ),
    "lsmr": Entry(
        "solvers.least_squares_krylov:LSMR",
        "Krylov",
        "Least squares by bidiagonalisation: MINRES on X'X theta = X'y, safe to stop early.",
        ("LeastSquares",),
        "Fong & Saunders (2011), doi:10.1137/10079687X",
    ),
}
