"""Logistic classification: the cross-entropy of sigmoid(X w + b)."""

from __future__ import annotations

from problems.data.source import RowSource, Task
from problems.data.synthetic.linear import Synthetic
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts.losses import logistic as cross_entropy
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def logistic(
    data: RowSource = Synthetic(), l1: float = 0.0, l2: float = 1e-3, intercept: bool = True
) -> PenalisedModel:
    """Logistic classification of two classes.

        f(theta) = (1/n) sum_i log(1 + exp(-y_i (x_i . w + b))) + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b),
                                                                                           y_i in {-1, 1}

    The cross-entropy of the labels and p_i = sigmoid(x_i . w + b); the intercept b is not penalised. Convex. Without a
    penalty it has no minimiser if a plane separates the labels. Certified by the duality gap if there is a penalty, and
    by the Newton decrement near a minimiser if l1 = 0.

    data       rows with labels of two classes
    l1, l2     weights of the penalties
    intercept  whether b exists

    Source: Cox (1958), doi:10.1111/j.2517-6161.1958.tb00292.x.
    """
    rows = data.rows(Task.LABELS)
    return linear_model(Rows(rows.X, intercept), rows.y, cross_entropy, Penalty(l1, l2), about=rows.about)
