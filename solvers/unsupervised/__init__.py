"""Principal components and clusters."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "pca-svd": SolverEntry(
        "solvers.unsupervised.principal:PrincipalSVD",
        "unsupervised",
        "Principal directions in closed form: an SVD of the rows, or eigenvectors of their covariance.",
        ("PrincipalSubspace",),
        "Golub & Reinsch (1970), doi:10.1007/BF02163027",
        variants=("pca-svd", "pca-svd(method=covariance)"),
    ),
    "power-iteration": SolverEntry(
        "solvers.unsupervised.principal:PowerIteration",
        "unsupervised",
        "Orthogonal iteration: the power method for several principal directions at once.",
        ("PrincipalSubspace",),
        "Bauer (1957), doi:10.1007/BF01600502",
    ),
    "oja": SolverEntry(
        "solvers.unsupervised.principal:Oja",
        "unsupervised",
        "Oja's rule: each row turns the principal directions a little towards itself.",
        ("PrincipalSubspace",),
        "Oja (1982), doi:10.1007/BF00275687",
        variants=("oja", "oja(schedule=constant)"),
    ),
    "lloyd": SolverEntry(
        "solvers.unsupervised.clustering:Lloyd",
        "unsupervised",
        "Lloyd's algorithm for k-means: rows join the nearest centre, centres go to the mean of their rows.",
        ("Clustering",),
        "Lloyd (1982), doi:10.1109/TIT.1982.1056489",
    ),
    "mini-batch-k-means": SolverEntry(
        "solvers.unsupervised.clustering:MiniBatchKMeans",
        "unsupervised",
        "k-means on a few rows at a time, each centre the mean of the rows it has got so far.",
        ("Clustering",),
        "Sculley (2010), doi:10.1145/1772690.1772862",
    ),
}
