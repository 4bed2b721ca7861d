"""Solvers of scipy."""

from problems.foundation.catalogue import SolverEntry

SCIPY = "Virtanen et al. (2020), doi:10.1038/s41592-019-0686-2"

TABLE = {
    "scipy-lstsq": SolverEntry(
        "solvers.peers.scipy.linear:Lstsq",
        "peer",
        "scipy.linalg.lstsq: least squares by SVD or pivoted QR.",
        ("LeastSquares",),
        SCIPY,
    ),
    "scipy-lsqr": SolverEntry(
        "solvers.peers.scipy.krylov:ScipyLSQR",
        "peer",
        "scipy.sparse.linalg.lsqr: least squares by bidiagonalisation.",
        ("LeastSquares",),
        "Paige & Saunders (1982), doi:10.1145/355984.355989",
    ),
    "scipy-lsmr": SolverEntry(
        "solvers.peers.scipy.krylov:ScipyLSMR",
        "peer",
        "scipy.sparse.linalg.lsmr: least squares by bidiagonalisation, which can be stopped early.",
        ("LeastSquares",),
        "Fong & Saunders (2011), doi:10.1137/10079687X",
    ),
    "scipy-nnls": SolverEntry(
        "solvers.peers.scipy.linear:ScipyNNLS",
        "peer",
        "scipy.optimize.nnls: least squares over w >= 0 by an active-set method.",
        ("NonnegativeModel",),
        "Lawson & Hanson (1995), doi:10.1137/1.9781611971217",
    ),
    "scipy-linprog": SolverEntry(
        "solvers.peers.scipy.linear_programs:ScipyLinprog",
        "peer",
        "scipy.optimize.linprog: basis pursuit as a linear program, by HiGHS.",
        ("BasisPursuit",),
        "Huangfu & Hall (2018), doi:10.1007/s12532-017-0130-5",
        variants=("scipy-linprog", "scipy-linprog(method=highs-ipm)"),
    ),
    "scipy-linprog-model": SolverEntry(
        "solvers.peers.scipy.linear_program_models:ScipyLinprogModel",
        "peer",
        "scipy.optimize.linprog: absolute, quantile or hinge loss, with or without an l1 penalty, by HiGHS.",
        ("LinearModel",),
        "Wagner (1959), doi:10.1080/01621459.1959.10501506",
        variants=("scipy-linprog-model", "scipy-linprog-model(method=highs-ipm)"),
    ),
    "scipy-solve": SolverEntry(
        "solvers.peers.scipy.linear:ScipySolve",
        "peer",
        "scipy.linalg.solve: a square system by LAPACK.",
        ("LinearSystem",),
        SCIPY,
    ),
    "scipy-spsolve": SolverEntry(
        "solvers.peers.scipy.linear:ScipySpsolve",
        "peer",
        "scipy.sparse.linalg.spsolve: a sparse square system by SuperLU.",
        ("LinearSystem",),
        "Demmel et al. (1999), doi:10.1137/S0895479895291765",
    ),
    "scipy-cg": SolverEntry(
        "solvers.peers.scipy.krylov:ScipyCG",
        "peer",
        "scipy.sparse.linalg.cg: conjugate gradients.",
        ("SPDSystem",),
        SCIPY,
    ),
    "scipy-minres": SolverEntry(
        "solvers.peers.scipy.krylov:ScipyMINRES",
        "peer",
        "scipy.sparse.linalg.minres: a symmetric system, which may be indefinite.",
        ("SymmetricSystem",),
        "Paige & Saunders (1975), doi:10.1137/0712047",
    ),
    "scipy-gmres": SolverEntry(
        "solvers.peers.scipy.krylov:ScipyGMRES",
        "peer",
        "scipy.sparse.linalg.gmres: any square system; an iteration is a restart cycle.",
        ("LinearSystem",),
        "Saad & Schultz (1986), doi:10.1137/0907058",
    ),
    "scipy-minimize": SolverEntry(
        "solvers.peers.scipy.optimize:Minimize",
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
    "scipy-least-squares": SolverEntry(
        "solvers.peers.scipy.optimize:ScipyLeastSquares",
        "peer",
        "scipy.optimize.least_squares: trf, dogbox or lm, from residuals and their Jacobian.",
        ("NonlinearLeastSquares",),
        "More (1978), doi:10.1007/BFb0067700",
        variants=("scipy-least-squares", "scipy-least-squares(method=lm)"),
    ),
    "scipy-differential-evolution": SolverEntry(
        "solvers.peers.scipy.global_search:DifferentialEvolution",
        "peer",
        "scipy.optimize.differential_evolution: any f in a box, from values of f only.",
        ("Objective",),
        "Storn & Price (1997), doi:10.1023/A:1008202821328",
    ),
    "scipy-dual-annealing": SolverEntry(
        "solvers.peers.scipy.global_search:DualAnnealing",
        "peer",
        "scipy.optimize.dual_annealing: any f in a box, by simulated annealing and L-BFGS-B.",
        ("Objective",),
        "Xiang et al. (1997), doi:10.1016/S0375-9601(97)00474-X",
    ),
}
