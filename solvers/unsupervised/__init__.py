"""Methods for principal components and for clusters."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "pca-svd": SolverEntry(
        "solvers.unsupervised.principal:PrincipalSVD",
        "unsupervised",
        "Principal components in closed form: an SVD of the rows, or eigenvectors of their covariance.",
        ("PrincipalSubspace",),
        "Golub & Reinsch (1970), doi:10.1007/BF02163027",
        variants=("pca-svd", "pca-svd(method=covariance)"),
    ),
    "power-iteration": SolverEntry(
        "solvers.unsupervised.principal:PowerIteration",
        "unsupervised",
        "Orthogonal iteration: the power method for several principal components together.",
        ("PrincipalSubspace",),
        "Bauer (1957), doi:10.1007/BF01600502",
    ),
    "oja": SolverEntry(
        "solvers.unsupervised.principal:Oja",
        "unsupervised",
        "Oja's rule: a stochastic update of the principal components for each row.",
        ("PrincipalSubspace",),
        "Oja (1982), doi:10.1007/BF00275687",
        variants=("oja", "oja(schedule=constant)"),
    ),
    "lloyd": SolverEntry(
        "solvers.unsupervised.clustering:Lloyd",
        "unsupervised",
        "Lloyd's algorithm for k-means: assign each row to the nearest centre, then replace centres by means.",
        ("Clustering",),
        "Lloyd (1982), doi:10.1109/TIT.1982.1056489",
    ),
    "mini-batch-k-means": SolverEntry(
        "solvers.unsupervised.clustering:MiniBatchKMeans",
        "unsupervised",
        "k-means on batches of rows; each centre is the mean of the rows assigned to it so far.",
        ("Clustering",),
        "Sculley (2010), doi:10.1145/1772690.1772862",
    ),
}
