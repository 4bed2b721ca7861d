"""Classification with a margin: support vector machines and the perceptron."""

from __future__ import annotations

from typing import Literal

from problems.data.source import RowSource, Task
from problems.data.synthetic.linear import Synthetic
from problems.linear.model_chain import linear_model
from problems.linear.penalised_model import PenalisedModel
from problems.parts import losses
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def hinge(
    data: RowSource = Synthetic(),
    loss: Literal["hinge", "squared_hinge"] = "hinge",
    margin: float = 1.0,
    l1: float = 0.0,
    l2: float = 1e-3,
    intercept: bool = True,
) -> PenalisedModel:
    """Classification of two classes by a plane with a margin on both sides.

        f(theta) = (1/n) sum_i l(y_i (x_i . w + b)) + l1 |w|_1 + l2/2 |w|^2,     theta = (w, b),  y_i in {-1, 1}

        hinge            l(m) = max(0, margin - m)
        squared_hinge    l(m) = max(0, margin - m)^2 / 2

    With margin 1 and l2 > 0 this is the support vector machine, min C sum_i l + |w|^2/2 with C = 1/(n l2); the
    intercept b is not penalised. With margin 0 it is the perceptron criterion, for which SGD with a batch of 1 is
    Rosenblatt's rule. Its minimum is 0 at theta = 0, so that theta_0 has random normal entries instead. Convex. The
    hinge has a kink at the margin, where f has no gradient; the squared hinge has a gradient but no Hessian. Certified
    by the duality gap; the derivatives of rows on the margin are chosen to minimise it.

    data       rows with labels of two classes
    loss       hinge or squared_hinge
    margin     1 for the support vector machine, 0 for the perceptron
    l1, l2     weights of the penalties
    intercept  whether b exists

    Source: Cortes & Vapnik (1995), doi:10.1007/BF00994018; Rosenblatt (1958), doi:10.1037/h0042519.
    """
    rows = data.rows(Task.LABELS)
    margin_loss = losses.hinge(margin) if loss == "hinge" else losses.squared_hinge(margin)
    X, penalty = Rows(rows.X, intercept), Penalty(l1, l2)
    return linear_model(X, rows.y, margin_loss, penalty, start_spread=float(margin == 0), about=rows.about)
