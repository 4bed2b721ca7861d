"""The best known bound on f(theta) - f* for a linear model with one output."""

from __future__ import annotations

from problems.certificates.curvature import newton_gap, strong_gap
from problems.certificates.duality import duality_gap
from problems.certificates.duals import dual_points_at_kinks
from problems.foundation.arrays import Vector
from problems.parts.losses import Loss
from problems.parts.penalties import Penalty
from problems.parts.rows import Rows


def linear_model_gap(rows: Rows, y: Vector, loss: Loss, penalty: Penalty, theta: Vector) -> float:
    """The smallest of the bounds that apply. One of them is f(theta) itself, because no loss is negative."""
    model = (rows, y, loss, penalty, theta)
    value = rows.total(theta, y, loss) / rows.n + penalty.value(rows.split(theta)[0])
    bounds = [duality_gap(*model), value]
    if loss.kink:
        bounds += [duality_gap(*model, s) for s in dual_points_at_kinks(*model)]
    if penalty.smooth:
        bounds.append(newton_gap(*model))
    elif loss.quadratic:
        bounds.append(strong_gap(*model))
    return min(bounds)
