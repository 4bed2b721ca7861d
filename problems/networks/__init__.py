"""Networks of dense layers, trained by back-propagation."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "network": ProblemEntry(
        "problems.networks.problem:network",
        "network",
        "A network of any depth and width; drawn regression, rings, moons, spirals, bundled sets or your own file.",
        ("TwiceSmooth", "NonlinearLeastSquares", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
    "xor": ProblemEntry(
        "problems.networks.xor:xor",
        "network",
        "XOR by a linear model, a stack of linear layers, features or a kernel, or a network with hidden layers.",
        ("TwiceSmooth", "LayeredModel", "Certified"),
        "Rumelhart, Hinton & Williams (1986), doi:10.1038/323533a0",
    ),
}
