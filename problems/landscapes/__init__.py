"""Test functions with a known minimum."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "landscape": ProblemEntry(
        "problems.landscapes.landscape:landscape",
        "landscape",
        "Test functions with a known minimum: Rosenbrock, Himmelblau, Beale, Booth, Rastrigin, Ackley.",
        ("TwiceSmooth", "NonlinearLeastSquares", "Certified"),
        "More, Garbow & Hillstrom (1981), doi:10.1145/355934.355936",
    ),
}
