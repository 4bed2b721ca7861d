"""Linear models: the chain of their classes, and the problems that they make."""

from problems.foundation.catalogue import ProblemEntry

TABLE = {
    "linear-regression": ProblemEntry(
        "problems.linear.regression:linear_regression",
        "linear model",
        "Linear regression with the squared, absolute, Huber or quantile loss; one or several outputs.",
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
        "Least squares with an L1 penalty, given as a share of the weight at which all coefficients are 0.",
        ("Composite", "LinearModel", "Certified"),
        "Tibshirani (1996), doi:10.1111/j.2517-6161.1996.tb02080.x",
    ),
    "elastic-net": ProblemEntry(
        "problems.linear.penalised_regression:elastic_net",
        "linear model",
        "Least squares with an L1 and an L2 penalty.",
        ("Composite", "LinearModel", "Certified"),
        "Zou & Hastie (2005), doi:10.1111/j.1467-9868.2005.00503.x",
    ),
    "nonnegative-least-squares": ProblemEntry(
        "problems.linear.penalised_regression:nonnegative_least_squares",
        "constrained",
        "Least squares with coefficients that must not be negative.",
        ("Composite", "NonnegativeModel", "Certified"),
        "Lawson & Hanson (1995), doi:10.1137/1.9781611971217",
    ),
    "logistic": ProblemEntry(
        "problems.linear.logistic:logistic",
        "linear model",
        "Logistic classification of two classes: the cross-entropy of sigmoid(X w + b), with an L2 penalty.",
        ("TwiceSmooth", "LinearModel", "Certified"),
        "Cox (1958), doi:10.1111/j.2517-6161.1958.tb00292.x",
    ),
    "softmax": ProblemEntry(
        "problems.linear.softmax:softmax",
        "linear model",
        "Classification of two or more classes: the cross-entropy of softmax(X W + b), with an L2 penalty.",
        ("TwiceSmooth", "MatrixModel", "Certified"),
        "Bohning (1992), doi:10.1007/BF00048682",
    ),
    "hinge": ProblemEntry(
        "problems.linear.hinge:hinge",
        "linear model",
        "A margin between two classes: the support vector machine and the perceptron.",
        ("Saddle", "LinearModel", "Certified"),
        "Cortes & Vapnik (1995), doi:10.1007/BF00994018",
    ),
}
