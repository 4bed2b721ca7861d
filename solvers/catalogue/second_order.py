"""Solvers that go by curvature, given or learned."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {
    "newton": Entry(
        "solvers.newton:Newton",
        "second order",
        "Newton's method with step halving.",
        ("TwiceSmooth",),
        "Nocedal & Wright (2006), algorithms 3.2 and 3.3",
    ),
    "lbfgs": Entry(
        "solvers.quasi_newton:LBFGS",
        "second order",
        "Limited-memory BFGS with a strong Wolfe line search.",
        ("Smooth",),
        "Liu & Nocedal (1989), doi:10.1007/BF01589116",
    ),
}
