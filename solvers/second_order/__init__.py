"""Methods that use curvature: the Hessian, products with it, or an approximation of it."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "newton": SolverEntry(
        "solvers.second_order.newton:Newton",
        "second order",
        "Newton's method with step halving.",
        ("TwiceSmooth",),
        "Nocedal & Wright (2006), algorithms 3.2 and 3.3",
    ),
    "newton-cg": SolverEntry(
        "solvers.second_order.newton:NewtonCG",
        "second order",
        "Newton's equation solved inexactly by conjugate gradients; the Hessian is never formed.",
        ("TwiceSmooth",),
        "Dembo & Steihaug (1983), doi:10.1007/BF02592055",
    ),
    "trust-region": SolverEntry(
        "solvers.second_order.trust_region:TrustRegion",
        "second order",
        "Newton's quadratic model of f, minimised by conjugate gradients within a trust region.",
        ("TwiceSmooth",),
        "Steihaug (1983), doi:10.1137/0720042",
    ),
    "bfgs": SolverEntry(
        "solvers.second_order.quasi_newton:BFGS",
        "second order",
        "BFGS: approximates the inverse Hessian from gradients, with a strong Wolfe line search.",
        ("Smooth",),
        "Broyden (1970), doi:10.1093/imamat/6.1.76",
    ),
    "lbfgs": SolverEntry(
        "solvers.second_order.quasi_newton:LBFGS",
        "second order",
        "Limited-memory BFGS with a strong Wolfe line search.",
        ("Smooth",),
        "Liu & Nocedal (1989), doi:10.1007/BF01589116",
    ),
    "gauss-newton": SolverEntry(
        "solvers.second_order.gauss_newton:GaussNewton",
        "second order",
        "Gauss-Newton for sums of squares, by QR of the Jacobian, with step halving.",
        ("NonlinearLeastSquares",),
        "Gauss (1809)",
    ),
    "levenberg-marquardt": SolverEntry(
        "solvers.second_order.gauss_newton:LevenbergMarquardt",
        "second order",
        "Gauss-Newton with adaptive damping: the standard method for fitting curves.",
        ("NonlinearLeastSquares",),
        "Marquardt (1963), doi:10.1137/0111030",
    ),
}
