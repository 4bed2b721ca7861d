"""What can be asked: the catalogue of problems, and their parts.

The catalogue is a table to read; nothing is imported before it is used.

>>> sorted(TABLE)
['landscape', 'linear-regression', 'linear-system', 'logistic', 'xor']
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """One problem: where its factory lives, what it promises with default parameters, where it comes from."""

    place: str
    family: str
    summary: str
    promises: tuple[str, ...]
    source: str


TABLE = {
    "landscape": Entry(
        "problems.landscape:landscape",
        "landscape",
        "Formulas with a known minimum that is hard to reach: Rosenbrock, Himmelblau, Beale, Booth, Rastrigin, Ackley.",
        ("TwiceSmooth", "NonlinearLeastSquares", "Certified"),
        "More, Garbow & Hillstrom (1981), doi:10.1145/355934.355936",
    ),
    "linear-regression": Entry(
        "problems.linear_regression:linear_regression",
        "linear model",
        "Half the mean squared error of X w + b, optional L2 penalty; synthetic, diabetes or your own CSV.",
        ("TwiceSmooth", "LinearModel", "LeastSquares", "SPDSystem", "Certified"),
        "Gauss (1809)",
    ),
    "logistic": Entry(
        "problems.logistic:logistic",
        "linear model",
        "Cross-entropy of sigmoid(X w + b), L2 penalty; synthetic, breast_cancer or your own CSV.",
        ("TwiceSmooth", "LinearModel", "Certified"),
        "Cox (1958), doi:10.1111/j.2517-6161.1958.tb00292.x",
    ),
    "linear-system": Entry(
        "problems.linear_system:linear_system",
        "linear system",
        "A theta = b, judged by its relative residual: Poisson's equation, chosen spectra, wind, Hilbert's matrix.",
        ("SPDSystem", "LeastSquares", "Certified"),
        "Golub & Van Loan (2013), chapters 4 and 11",
    ),
    "xor": Entry(
        "problems.xor:xor",
        "network",
        "XOR by a linear model, a stack of linear layers, or a network with a hidden layer.",
        ("TwiceSmooth", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
}
