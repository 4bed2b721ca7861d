"""What can be asked: the catalogue of problems, and their parts.

The catalogue is a table to read; nothing is imported before it is used.

>>> TABLE["xor"].place
'problems.xor:xor'
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
    "basis-pursuit": Entry(
        "problems.basis_pursuit:basis_pursuit",
        "constrained",
        "The solution of A theta = b of least |theta|_1, A with fewer rows than columns.",
        ("Saddle", "BasisPursuit", "Certified"),
        "Chen, Donoho & Saunders (2001), doi:10.1137/S003614450037906X",
    ),
    "curve": Entry(
        "problems.curve:curve",
        "curve",
        "A model written as a formula, fitted to points; synthetic, NIST's StRD or your own file.",
        ("TwiceSmooth", "NonlinearLeastSquares", "FiniteSum", "Certified"),
        "Gauss (1809); NIST's Statistical Reference Datasets (1999), doi:10.18434/T43G6C",
    ),
    "elastic-net": Entry(
        "problems.penalised_regression:elastic_net",
        "linear model",
        "Least squares with an L1 and an L2 penalty, the first a share of what makes every coefficient 0.",
        ("Composite", "LinearModel", "Certified"),
        "Zou & Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x",
    ),
    "hinge": Entry(
        "problems.hinge:hinge",
        "linear model",
        "A margin between two classes: support vector machine, perceptron; synthetic, breast_cancer or your own file.",
        ("Saddle", "LinearModel", "Certified"),
        "Cortes & Vapnik (1995), doi:10.1007/BF00994018",
    ),
    "k-means": Entry(
        "problems.k_means:k_means",
        "unsupervised",
        "The k centres that rows are nearest to; synthetic clusters, bundled rows or your own.",
        ("TwiceSmooth", "Clustering", "Certified"),
        "Lloyd (1982), doi:10.1109/TIT.1982.1056489",
    ),
    "landscape": Entry(
        "problems.landscape:landscape",
        "landscape",
        "Formulas with a known minimum that is hard to reach: Rosenbrock, Himmelblau, Beale, Booth, Rastrigin, Ackley.",
        ("TwiceSmooth", "NonlinearLeastSquares", "Certified"),
        "More, Garbow & Hillstrom (1981), doi:10.1145/355934.355936",
    ),
    "lasso": Entry(
        "problems.penalised_regression:lasso",
        "linear model",
        "Least squares with an L1 penalty, a share of what makes every coefficient 0.",
        ("Composite", "LinearModel", "Certified"),
        "Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x",
    ),
    "linear-regression": Entry(
        "problems.linear_regression:linear_regression",
        "linear model",
        "What X w + b is off by: squared, absolute, Huber's or by quantile; synthetic, diabetes or your own file.",
        ("TwiceSmooth", "LinearModel", "LeastSquares", "SPDSystem", "Certified"),
        "Gauss (1809)",
    ),
    "linear-system": Entry(
        "problems.linear_system:linear_system",
        "linear system",
        "A theta = b, judged by its relative residual: Poisson's equation, chosen spectra, wind, Hilbert's matrix.",
        ("SPDSystem", "LeastSquares", "Certified"),
        "Golub & Van Loan (2013), chapters 4 and 11",
    ),
    "logistic": Entry(
        "problems.logistic:logistic",
        "linear model",
        "Cross-entropy of sigmoid(X w + b), L2 penalty; synthetic, breast_cancer or your own file.",
        ("TwiceSmooth", "LinearModel", "Certified"),
        "Cox (1958), doi:10.1111/j.2517-6161.1958.tb00292.x",
    ),
    "network": Entry(
        "problems.networks.factory:network",
        "network",
        "A network of any depth and width; drawn regression, rings, moons, spirals, bundled sets or your own file.",
        ("TwiceSmooth", "NonlinearLeastSquares", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
    "nonnegative-least-squares": Entry(
        "problems.penalised_regression:nonnegative_least_squares",
        "constrained",
        "Least squares over coefficients that must not be negative.",
        ("Composite", "NonnegativeModel", "Certified"),
        "Lawson & Hanson (1995), doi:10.1137/1.9781611971217",
    ),
    "pca": Entry(
        "problems.pca:pca",
        "unsupervised",
        "The k directions that keep most of centred rows; a chosen spectrum, bundled rows or your own.",
        ("TwiceSmooth", "PrincipalSubspace", "Certified"),
        "Pearson (1901), doi:10.1080/14786440109462720",
    ),
    "ridge": Entry(
        "problems.penalised_regression:ridge",
        "linear model",
        "Least squares with an L2 penalty.",
        ("TwiceSmooth", "LinearModel", "LeastSquares", "SPDSystem", "Certified"),
        "Hoerl & Kennard (1970), doi:10.1080/00401706.1970.10488634",
    ),
    "softmax": Entry(
        "problems.softmax:softmax",
        "linear model",
        "Cross-entropy of softmax(X W + b) over several classes; synthetic, iris, wine, digits or your own file.",
        ("TwiceSmooth", "MatrixModel", "Certified"),
        "Bohning (1992), doi:10.1007/BF00048682",
    ),
    "total-variation": Entry(
        "problems.total_variation:total_variation",
        "composite",
        "A signal in one dimension denoised by a penalty on its total variation.",
        ("Saddle", "TotalVariation", "Certified"),
        "Davies & Kovac (2001), doi:10.1214/aos/996986501",
    ),
    "xor": Entry(
        "problems.xor:xor",
        "network",
        "XOR by a linear model, a stack of linear layers, features or a kernel, or a network with hidden layers.",
        ("TwiceSmooth", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
}
