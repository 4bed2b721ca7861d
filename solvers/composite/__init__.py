"""Methods for sums of a smooth part and a part with a prox, and for saddle forms."""

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
        "Gradient steps of Barzilai and Borwein, projected onto the constraint.",
        ("Composite",),
        "Birgin, Martinez & Raydan (2000), doi:10.1137/S1052623497330963",
    ),
    "coordinate-descent": SolverEntry(
        "solvers.composite.coordinate:CoordinateDescent",
        "composite",
        "Cyclic coordinate descent over a working set, for the lasso and the elastic net.",
        ("LinearModel", "Composite"),
        "Friedman, Hastie & Tibshirani (2010), doi:10.18637/jss.v033.i01",
    ),
    "admm": SolverEntry(
        "solvers.composite.splitting:ADMM",
        "composite",
        "Alternating directions: a prox of the loss, a prox of the penalty, one factor to join them.",
        ("Saddle",),
        "Boyd et al. (2011), doi:10.1561/2200000016",
    ),
    "taut-string": SolverEntry(
        "solvers.composite.taut_string:TautString",
        "direct",
        "A signal in one dimension with its total variation penalised, as a string pulled taut.",
        ("TotalVariation",),
        "Davies & Kovac (2001), doi:10.1214/aos/996986501",
    ),
    "primal-dual": SolverEntry(
        "solvers.composite.splitting:PrimalDual",
        "composite",
        "Chambolle and Pock's primal-dual method: a prox of the loss, a prox of the penalty, no factor.",
        ("Saddle",),
        "Chambolle & Pock (2011), doi:10.1007/s10851-010-0251-1",
    ),
}
