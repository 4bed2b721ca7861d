"""Networks of dense layers, with derivatives by back-propagation."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "network": ProblemEntry(
        "problems.networks.problem:network",
        "network",
        "A network of dense layers, of any depth and width, for regression or classification.",
        ("TwiceSmooth", "NonlinearLeastSquares", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
    "xor": ProblemEntry(
        "problems.networks.xor:xor",
        "network",
        "XOR with a linear model, linear layers, hand-made features, a kernel, or a network with hidden layers.",
        ("TwiceSmooth", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
}
