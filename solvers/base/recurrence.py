"""Recurrences that define the iterates of a method completely."""

from __future__ import annotations

from enum import StrEnum


class Recurrence(StrEnum):
    """The recurrence of a method with whole gradients g, whose constants are fields of the solver.

    A class names it in `Solver.recurrence`. `solverlab check` then compares its iterates with those of the formula.
    """

    GRADIENT_DESCENT = "theta <- theta - step g"
    HEAVY_BALL = "v <- momentum v - step g; theta <- theta + v"
    NESTEROV = (
        "theta' <- p - step g(p); p <- theta' + momentum (theta' - theta); momentum (k - 1)/(k + 2) if it is None"
    )
    ADAGRAD = "v <- v + g^2; theta <- theta - step g / (sqrt(v) + epsilon)"
    RMSPROP = "v <- rho v + (1 - rho) g^2; theta <- theta - step g / (sqrt(v) + epsilon)"
    ADAM = (
        "m <- beta1 m + (1 - beta1) g; v <- beta2 v + (1 - beta2) g^2; "
        "theta <- theta - step (m / (1 - beta1^k) / (sqrt(v / (1 - beta2^k)) + epsilon) + decay theta)"
    )
