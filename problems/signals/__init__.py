"""Signals: sparse recovery from few equations, and denoising of piecewise constant signals."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "basis-pursuit": ProblemEntry(
        "problems.signals.basis_pursuit:basis_pursuit",
        "constrained",
        "The solution of A theta = b with the smallest |theta|_1; A has fewer rows than columns.",
        ("Saddle", "BasisPursuit", "Certified"),
        "Chen, Donoho & Saunders (2001), doi:10.1137/S003614450037906X",
    ),
    "total-variation": ProblemEntry(
        "problems.signals.total_variation:total_variation",
        "composite",
        "Denoising of a one-dimensional signal with a penalty on its total variation.",
        ("Saddle", "TotalVariation", "Certified"),
        "Davies & Kovac (2001), doi:10.1214/aos/996986501",
    ),
}
