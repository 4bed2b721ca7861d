"""Methods for the sum of a smooth function and a function with a prox, and for saddle-point problems."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "ista": SolverEntry(
        "solvers.composite.proximal:ISTA",
        "composite",
        "The proximal gradient method: soft thresholding for the lasso.",
        ("Composite",),
        "Daubechies, Defrise & De Mol (2004), doi:10.1002/cpa.20042",
    ),
    "fista": SolverEntry(
        "solvers.composite.proximal:FISTA",
        "composite",
        "The accelerated proximal gradient method, with restarts.",
        ("Composite",),
        "Beck & Teboulle (2009), doi:10.1137/080716542",
    ),
    "projected-gradient": SolverEntry(
        "solvers.composite.proximal:ProjectedGradient",
        "composite",
        "Gradient descent with Barzilai-Borwein steps, projected onto the constraint.",
        ("Composite",),
        "Birgin, Martinez & Raydan (2000), doi:10.1137/S1052623497330963",
    ),
    "coordinate-descent": SolverEntry(
        "solvers.composite.coordinate:CoordinateDescent",
        "composite",
        "Cyclic coordinate descent on a working set, for the lasso and the elastic net.",
        ("LinearModel", "Composite"),
        "Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01",
    ),
    "admm": SolverEntry(
        "solvers.composite.splitting:ADMM",
        "composite",
        "The alternating direction method: a prox of the loss, a prox of the penalty, and one factorisation.",
        ("Saddle",),
        "Boyd et al. (2011), doi:10.1561/2200000016",
    ),
    "taut-string": SolverEntry(
        "solvers.composite.taut_string:TautString",
        "direct",
        "The direct method for total-variation denoising in one dimension: a taut string.",
        ("TotalVariation",),
        "Davies & Kovac (2001), doi:10.1214/aos/996986501",
    ),
    "primal-dual": SolverEntry(
        "solvers.composite.splitting:PrimalDual",
        "composite",
        "The primal-dual method of Chambolle and Pock: a prox of the loss, a prox of the penalty, no factorisation.",
        ("Saddle",),
        "Chambolle & Pock (2011), doi:10.1007/s10851-010-0251-1",
    ),
}
