"""Problems without targets: principal components and clusters."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "pca": ProblemEntry(
        "problems.unsupervised.pca:pca",
        "unsupervised",
        "Principal component analysis: the k directions that keep most of the variance of centred rows.",
        ("TwiceSmooth", "PrincipalSubspace", "Certified"),
        "Pearson (1901), doi:10.1080/14786440109462720",
    ),
    "k-means": ProblemEntry(
        "problems.unsupervised.k_means:k_means",
        "unsupervised",
        "k-means clustering: the k centres with the smallest mean squared distance to the nearest centre.",
        ("TwiceSmooth", "Clustering", "Certified"),
        "Lloyd (1982), doi:10.1109/TIT.1982.1056489",
    ),
}
