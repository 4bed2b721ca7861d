"""Solvers that go by curvature, given or learned."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {
    "newton": Entry(
        "solvers.newton:Newton",
        "second order",
        "Newton's method with step halving.",
        ("TwiceSmooth",),
        "Nocedal & Wright (2006), algorithms 3.2 and 3.3",
    ),
    "newton-cg": Entry(
        "solvers.newton:NewtonCG",
        "second order",
        "Newton's equation solved by conjugate gradients, as exactly as it pays; the Hessian is never formed.",
        ("TwiceSmooth",),
        "Dembo & Steihaug (1983), doi:10.1007/BF02592055",
    ),
    "trust-region": Entry(
        "solvers.trust_region:TrustRegion",
        "second order",
        "Newton's model of f, minimised by conjugate gradients within a radius where it is trusted.",
        ("TwiceSmooth",),
        "Steihaug (1983), doi:10.1137/0720042",
    ),
    "bfgs": Entry(
        "solvers.quasi_newton:BFGS",
        "second order",
        "BFGS: the Hessian's inverse learned from gradients, with a strong Wolfe line search.",
        ("Smooth",),
        "Broyden (1970), doi:10.1093/imamat/6.1.76",
    ),
    "lbfgs": Entry(
        "solvers.quasi_newton:LBFGS",
        "second order",
        "Limited-memory BFGS with a strong Wolfe line search.",
        ("Smooth",),
        "Liu & Nocedal (1989), doi:10.1007/BF01589116",
    ),
    "gauss-newton": Entry(
        "solvers.gauss_newton:GaussNewton",
        "second order",
        "Sums of squares by QR of their Jacobian, with step halving.",
        ("NonlinearLeastSquares",),
        "Gauss (1809)",
    ),
    "levenberg-marquardt": Entry(
        "solvers.gauss_newton:LevenbergMarquardt",
        "second order",
        "Gauss-Newton with a damping that falls as steps succeed: the standard for fitting curves.",
        ("NonlinearLeastSquares",),
        "Marquardt (1963), doi:10.1137/0111030",
    ),
}
