"""Problems without labels: principal components and clusters."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "pca": ProblemEntry(
        "problems.unsupervised.pca:pca",
        "unsupervised",
        "The k directions that keep most of centred rows; a chosen spectrum, bundled rows or your own.",
        ("TwiceSmooth", "PrincipalSubspace", "Certified"),
        "Pearson (1901), doi:10.1080/14786440109462720",
    ),
    "k-means": ProblemEntry(
        "problems.unsupervised.k_means:k_means",
        "unsupervised",
        "The k centres that rows are nearest to; synthetic clusters, bundled rows or your own.",
        ("TwiceSmooth", "Clustering", "Certified"),
        "Lloyd (1982), doi:10.1109/TIT.1982.1056489",
    ),
}
