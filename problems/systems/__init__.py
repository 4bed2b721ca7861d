"""Square systems of linear equations."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "linear-system": ProblemEntry(
        "problems.systems.linear_system:linear_system",
        "linear system",
        "A theta = b, judged by its relative residual: Poisson's equation, chosen spectra, wind, Hilbert's matrix.",
        ("SPDSystem", "LeastSquares", "Certified"),
        "Golub & Van Loan (2013), chapters 4 and 11",
    ),
}
