"""Solvers that go by gradients, of all rows or of a few."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {
    "gradient-descent": Entry(
        "solvers.descent:GradientDescent",
        "first order",
        "Fixed steps along the gradient; 1/L where no step is given.",
        ("Smooth",),
        "Cauchy (1847)",
    ),
    "momentum": Entry(
        "solvers.descent:Momentum",
        "first order",
        "Gradient descent that keeps a part of its last move: the heavy ball.",
        ("Smooth",),
        "Polyak (1964), doi:10.1016/0041-5553(64)90137-5",
    ),
    "nesterov": Entry(
        "solvers.descent:Nesterov",
        "first order",
        "Accelerated gradient descent: the gradient is taken ahead.",
        ("Smooth",),
        "Nesterov (1983)",
    ),
    "sgd": Entry(
        "solvers.stochastic:SGD",
        "first order",
        "Stochastic gradient descent on batches of rows; constant, inverse or cosine steps.",
        ("FiniteSum",),
        "Robbins & Monro (1951), doi:10.1214/aoms/1177729586",
        variants=("sgd", "sgd(batch=32)", "sgd(schedule=inverse)"),
    ),
}
