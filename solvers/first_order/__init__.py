"""First-order methods: they use gradients, of all rows or of some rows."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "gradient-descent": SolverEntry(
        "solvers.first_order.descent:GradientDescent",
        "first order",
        "Gradient descent with a fixed step, with backtracking or with Barzilai-Borwein steps.",
        ("Smooth",),
        "Cauchy (1847)",
        variants=(
            "gradient-descent",
            "gradient-descent(rule=backtracking)",
            "gradient-descent(rule=barzilai-borwein)",
        ),
    ),
    "momentum": SolverEntry(
        "solvers.first_order.descent:Momentum",
        "first order",
        "Heavy ball: gradient descent plus a fraction of the previous step.",
        ("Smooth",),
        "Polyak (1964), doi:10.1016/0041-5553(64)90137-5",
    ),
    "nesterov": SolverEntry(
        "solvers.first_order.descent:Nesterov",
        "first order",
        "Accelerated gradient descent: it evaluates the gradient at an extrapolated point.",
        ("Smooth",),
        "Nesterov (1983)",
    ),
    "sgd": SolverEntry(
        "solvers.first_order.stochastic:SGD",
        "first order",
        "Stochastic gradient descent on batches of rows, with a step schedule and optional averaging.",
        ("FiniteSum",),
        "Robbins & Monro (1951), doi:10.1214/aoms/1177729586",
        variants=("sgd", "sgd(batch=32)", "sgd(schedule=inverse)", "sgd(averaging=true)"),
    ),
    "adagrad": SolverEntry(
        "solvers.first_order.adaptive:AdaGrad",
        "first order",
        "Divides the step of each coordinate by the root of the sum of its squared gradients.",
        ("FiniteSum",),
        "Duchi, Hazan & Singer (2011), https://jmlr.org/papers/v12/duchi11a.html",
    ),
    "rmsprop": SolverEntry(
        "solvers.first_order.adaptive:RMSprop",
        "first order",
        "Divides the step of each coordinate by the root of a moving average of its squared gradients.",
        ("FiniteSum",),
        "Tieleman & Hinton (2012), lecture 6.5",
    ),
    "adam": SolverEntry(
        "solvers.first_order.adaptive:Adam",
        "first order",
        "RMSprop with momentum and bias correction.",
        ("FiniteSum",),
        "Kingma & Ba (2015), arXiv:1412.6980",
    ),
    "adamw": SolverEntry(
        "solvers.first_order.adaptive:AdamW",
        "first order",
        "Adam with decoupled weight decay; with a decay it does not minimise f.",
        ("FiniteSum",),
        "Loshchilov & Hutter (2019), arXiv:1711.05101",
        variants=("adamw(decay=0.01)",),
    ),
    "sag": SolverEntry(
        "solvers.first_order.variance_reduced:SAG",
        "first order",
        "Stochastic average gradient: steps along the mean of the stored gradients of all rows.",
        ("LinearModel",),
        "Schmidt, Le Roux & Bach (2017), doi:10.1007/s10107-016-1030-6",
    ),
    "saga": SolverEntry(
        "solvers.first_order.variance_reduced:SAGA",
        "first order",
        "An unbiased variant of SAG, with a prox for an l1 penalty.",
        ("LinearModel",),
        "Defazio, Bach & Lacoste-Julien (2014), arXiv:1407.0202",
    ),
    "svrg": SolverEntry(
        "solvers.first_order.variance_reduced:SVRG",
        "first order",
        "Variance reduction: gradients of single rows, corrected by the full gradient at a reference point.",
        ("FiniteSum",),
        "Johnson & Zhang (2013), NIPS 26",
    ),
    "perceptron": SolverEntry(
        "solvers.first_order.neurons:Perceptron",
        "first order",
        "A line between two classes, updated by misclassified rows; it does not minimise f.",
        ("LinearModel",),
        "Rosenblatt (1958), doi:10.1037/h0042519",
    ),
    "adaline": SolverEntry(
        "solvers.first_order.neurons:Adaline",
        "first order",
        "Least squares on the labels, row by row; it minimises that loss, not f.",
        ("LinearModel",),
        "Widrow & Hoff (1960)",
    ),
}
