"""Linear models: the chain of their classes, and the problems made of it."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "linear-regression": ProblemEntry(
        "problems.linear.regression:linear_regression",
        "linear model",
        "What X w + b is off by: squared, absolute, Huber's or by quantile; synthetic, diabetes or your own file.",
        ("TwiceSmooth", "LinearModel", "LeastSquares", "SPDSystem", "Certified"),
        "Gauss (1809)",
    ),
    "ridge": ProblemEntry(
        "problems.linear.penalised_regression:ridge",
        "linear model",
        "Least squares with an L2 penalty.",
        ("TwiceSmooth", "LinearModel", "LeastSquares", "SPDSystem", "Certified"),
        "Hoerl & Kennard (1970), doi:10.1080/00401706.1970.10488634",
    ),
    "lasso": ProblemEntry(
        "problems.linear.penalised_regression:lasso",
        "linear model",
        "Least squares with an L1 penalty, a share of what makes every coefficient 0.",
        ("Composite", "LinearModel", "Certified"),
        "Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x",
    ),
    "elastic-net": ProblemEntry(
        "problems.linear.penalised_regression:elastic_net",
        "linear model",
        "Least squares with an L1 and an L2 penalty, the first a share of what makes every coefficient 0.",
        ("Composite", "LinearModel", "Certified"),
        "Zou & Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x",
    ),
    "nonnegative-least-squares": ProblemEntry(
        "problems.linear.penalised_regression:nonnegative_least_squares",
        "constrained",
        "Least squares over coefficients that must not be negative.",
        ("Composite", "NonnegativeModel", "Certified"),
        "Lawson & Hanson (1995), doi:10.1137/1.9781611971217",
    ),
    "logistic": ProblemEntry(
        "problems.linear.logistic:logistic",
        "linear model",
        "Cross-entropy of sigmoid(X w + b), L2 penalty; synthetic, breast_cancer or your own file.",
        ("TwiceSmooth", "LinearModel", "Certified"),
        "Cox (1958), doi:10.1111/j.2517-6161.1958.tb00292.x",
    ),
    "softmax": ProblemEntry(
        "problems.linear.softmax:softmax",
        "linear model",
        "Cross-entropy of softmax(X W + b) over several classes; synthetic, iris, wine, digits or your own file.",
        ("TwiceSmooth", "MatrixModel", "Certified"),
        "Bohning (1992), doi:10.1007/BF00048682",
    ),
    "hinge": ProblemEntry(
        "problems.linear.hinge:hinge",
        "linear model",
        "A margin between two classes: support vector machine, perceptron; synthetic, breast_cancer or your own file.",
        ("Saddle", "LinearModel", "Certified"),
        "Cortes & Vapnik (1995), doi:10.1007/BF00994018",
    ),
}
