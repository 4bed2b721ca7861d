"""Softmax classification: the categorical cross-entropy of X W + b."""

from __future__ import annotations

from problems.data.source import RowSource, Task
from problems.data.synthetic.linear import Synthetic
from problems.linear.matrix_model import CompositeMatrixModel, matrix_model
from problems.parts.matrix_losses import softmax as cross_entropy
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def softmax(
    data: RowSource = Synthetic(), l1: float = 0.0, l2: float = 1e-3, intercept: bool = True
) -> CompositeMatrixModel:
    """Softmax classification of two or more classes.

        f(theta) = (1/n) sum_i (log sum_c exp(z_ic) - z_iy_i) + l1 |W|_1 + l2/2 |W|^2,     Z = X W + b,
                                                                                  y_i in {0, ..., k - 1}

    The cross-entropy of the classes and p_i = softmax(x_i W + b). theta holds the rows of W, shape (d, k), one after
    the other, and then the k intercepts b, which are not penalised. Convex, and constant along at least one direction,
    because a number added to all intercepts changes nothing. Without a penalty it has no minimiser if a plane separates
    a class from the others. Certified by the duality gap if there is a penalty, else by the Newton decrement near a
    minimiser.

    data       rows with classes
    l1, l2     weights of the penalties
    intercept  whether b exists

    Source: Bohning (1992), doi:10.1007/BF00048682.
    """
    rows = data.rows(Task.CLASSES)
    k = int(rows.y.max()) + 1
    return matrix_model(Rows(rows.X, intercept), rows.y, k, cross_entropy, Penalty(l1, l2), rows.about)
