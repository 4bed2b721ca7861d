"""Data: the catalogue of sources of rows and of linear systems.

The catalogue is a table to read; nothing is imported before it is used.

>>> TABLE["iris"].place
'problems.data.bundled:Iris'
"""

from problems.data import synthetic
from problems.foundation.catalogue import DataEntry

NUMBERS = ("numbers", "features")
TWO_CLASSES = ("labels", "classes", "features")
CLASSES = ("classes", "features")
ALL = ("numbers", "labels", "classes", "features", "points", "signal")

TABLE = {
    **synthetic.TABLE,
    "diabetes": DataEntry(
        "problems.data.bundled:Diabetes",
        "bundled",
        "442 patients: 10 measurements, and the progression of the disease in one year.",
        NUMBERS,
        "Efron et al. (2004), doi:10.1214/009053604000000067",
    ),
    "linnerud": DataEntry(
        "problems.data.bundled:Linnerud",
        "bundled",
        "20 men: results of 3 exercises; the targets are weight, waist and pulse.",
        NUMBERS,
        "Tenenhaus (1998)",
    ),
    "breast_cancer": DataEntry(
        "problems.data.bundled:BreastCancer",
        "bundled",
        "569 tumours: 30 measurements; the classes are malignant and benign.",
        TWO_CLASSES,
        "Street, Wolberg & Mangasarian (1993), doi:10.1117/12.148698",
    ),
    "iris": DataEntry(
        "problems.data.bundled:Iris",
        "bundled",
        "150 flowers: 4 measurements; the classes are three species.",
        CLASSES,
        "Fisher (1936), doi:10.1111/j.1469-1809.1936.tb02137.x",
    ),
    "wine": DataEntry(
        "problems.data.bundled:Wine",
        "bundled",
        "178 wines: 13 measurements; the classes are three growers.",
        CLASSES,
        "Forina et al. (1988), UCI Machine Learning Repository",
    ),
    "digits": DataEntry(
        "problems.data.bundled:Digits",
        "bundled",
        "1797 images of handwritten digits, 8 x 8 pixels; the classes are the ten digits.",
        CLASSES,
        "Alpaydin & Kaynak (1998), UCI Machine Learning Repository",
    ),
    "table": DataEntry(
        "problems.data.files:Table",
        "file",
        "A user's file of rows: CSV, LIBSVM, NPZ or Parquet.",
        ALL,
        "the user's",
    ),
    "nist": DataEntry(
        "problems.data.files:Nist",
        "file",
        "A file of NIST's Statistical Reference Datasets, with certified coefficients.",
        ("numbers", "points"),
        "NIST (1999), doi:10.18434/T43G6C",
    ),
    "arrays": DataEntry(
        "problems.data.arrays:Arrays",
        "memory",
        "Arrays X and y in memory: numpy, scipy.sparse or pandas.",
        ALL,
        "the user's",
    ),
}
