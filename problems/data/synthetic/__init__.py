"""Synthetic data: sources of seeded rows, targets, points, signals and matrices."""

from problems.foundation.catalogue import DataEntry

PLANE = ("labels", "classes", "features")

TABLE = {
    "synthetic": DataEntry(
        "problems.data.synthetic.linear:Synthetic",
        "linear model",
        "Rows with a chosen condition, correlation or density, and targets of a hidden linear model with noise.",
        ("numbers", "labels", "classes"),
        "own construction; tests verify the exact properties",
    ),
    "waves": DataEntry(
        "problems.data.synthetic.shapes:Waves",
        "nonlinear",
        "Uniform rows, and targets that are sums of sines.",
        ("numbers",),
        "own construction",
    ),
    "moons": DataEntry(
        "problems.data.synthetic.shapes:Moons",
        "plane",
        "Two interleaving half circles in the plane.",
        PLANE,
        "scikit-learn's make_moons",
    ),
    "circles": DataEntry(
        "problems.data.synthetic.shapes:Circles",
        "plane",
        "A small circle inside a large one in the plane.",
        PLANE,
        "scikit-learn's make_circles",
    ),
    "spirals": DataEntry(
        "problems.data.synthetic.shapes:Spirals",
        "plane",
        "Spiral arms in the plane, each of which is a class.",
        PLANE,
        "Lang & Witbrock (1988), Learning to tell two spirals apart",
    ),
    "xor-points": DataEntry(
        "problems.data.synthetic.shapes:XorPoints",
        "plane",
        "The four points of XOR, with or without noise.",
        PLANE,
        "Minsky & Papert (1969)",
    ),
    "blobs": DataEntry(
        "problems.data.synthetic.shapes:Blobs",
        "clusters",
        "Normally distributed clusters with random centres.",
        PLANE,
        "own construction",
    ),
    "spectral": DataEntry(
        "problems.data.synthetic.signals:SpectralRows",
        "spectrum",
        "Centred rows with chosen eigenvalues of their covariance.",
        ("features",),
        "own construction; tests verify the eigenvalues",
    ),
    "sparse-solution": DataEntry(
        "problems.data.synthetic.signals:SparseSolution",
        "signal",
        "Fewer random equations than unknowns, with a sparse solution.",
        ("numbers",),
        "Donoho & Tanner (2009), doi:10.1098/rsta.2009.0152",
    ),
    "piecewise-constant": DataEntry(
        "problems.data.synthetic.signals:PiecewiseConstant",
        "signal",
        "A piecewise constant signal with noise.",
        ("signal",),
        "own construction",
    ),
    "saturation": DataEntry(
        "problems.data.synthetic.signals:Saturation",
        "curve",
        "Points on a curve of exponential saturation, with noise.",
        ("points", "numbers"),
        "own construction",
    ),
    "poisson": DataEntry(
        "problems.data.synthetic.matrices:Poisson",
        "matrix",
        "Poisson's equation on a square: symmetric positive definite, sparse.",
        ("system",),
        "Golub & Van Loan (2013), section 4.8",
    ),
    "convection": DataEntry(
        "problems.data.synthetic.matrices:Convection",
        "matrix",
        "Convection and diffusion on a square: not symmetric, sparse.",
        ("system",),
        "Golub & Van Loan (2013), section 11.5",
    ),
    "spd": DataEntry(
        "problems.data.synthetic.matrices:PositiveDefiniteMatrix",
        "matrix",
        "A dense symmetric positive definite matrix with a chosen spectrum.",
        ("system",),
        "own construction",
    ),
    "general": DataEntry(
        "problems.data.synthetic.matrices:GeneralMatrix",
        "matrix",
        "A dense matrix that is not symmetric, with chosen singular values.",
        ("system",),
        "own construction",
    ),
    "indefinite": DataEntry(
        "problems.data.synthetic.matrices:IndefiniteMatrix",
        "matrix",
        "A dense symmetric matrix with eigenvalues of both signs.",
        ("system",),
        "own construction",
    ),
    "hilbert": DataEntry(
        "problems.data.synthetic.matrices:HilbertMatrix",
        "matrix",
        "Hilbert's matrix: positive definite and extremely ill-conditioned.",
        ("system",),
        "Hilbert (1894), doi:10.1007/BF02418278",
    ),
}
