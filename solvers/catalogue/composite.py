"""Solvers of what is not smooth everywhere, or constrained."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {
    "ista": Entry(
        "solvers.proximal:ISTA",
        "composite",
        "The proximal gradient method: soft thresholding for the lasso.",
        ("Composite",),
        "Daubechies, Defrise & De Mol (2004), doi:10.1002/cpa.20042",
    ),
    "fista": Entry(
        "solvers.proximal:FISTA",
        "composite",
        "The accelerated proximal gradient method, with restarts.",
        ("Composite",),
        "Beck & Teboulle (2009), doi:10.1137/080716542",
    ),
    "projected-gradient": Entry(
        "solvers.proximal:ProjectedGradient",
        "composite",
        "Gradient steps of Barzilai and Borwein, projected onto the constraint.",
        ("Composite",),
        "Birgin, Martinez & Raydan (2000), doi:10.1137/S1052623497330963",
    ),
}
