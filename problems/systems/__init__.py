"""Square systems of linear equations."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "linear-system": ProblemEntry(
        "problems.systems.linear_system:linear_system",
        "linear system",
        "A theta = b with a square matrix A, measured by the relative residual |b - A theta| / |b|.",
        ("SPDSystem", "LeastSquares", "Certified"),
        "Golub & Van Loan (2013), chapters 4 and 11",
    ),
}
