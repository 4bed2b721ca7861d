"""An answer with a table and a figure of every kind that a comparison of solvers does not draw."""

from __future__ import annotations

import dataclasses

import numpy as np

from experiments.figures.general_plots import packed
from experiments.figures.records import Bars, Field, Frames, Line, Lines, Picture, ResultTable
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer

HOW = "How to read this: by its axes."
AXIS_TEXTS = (["1", "2"], ["3", "4"])
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><circle cx="5" cy="5" r="4"/></svg>'
X = [1.0, 10.0, 100.0]


def shapes(like: Result) -> tuple[Result, Answer]:
    """An empty result in the environment of another, and its answer."""
    moments = [packed(np.full((3, 4), p)) for p in (0.2, 0.5, 0.9)]
    figures = [
        Lines(
            "rise", "Rise", HOW, ("x", "y"), ("log", "log"),
            [Line("seen", X, [1.0, 9.0, 110.0], [0.9, 8.0, 90.0], [1.1, 11.0, 130.0]),
             Line("theory", X, X, guide=True)],
            upright=[(10.0, "here")], level=[(50.0, "limit")],
        ),
        Bars("heights", "Heights", HOW, ("name", "metres"), "linear", ["a", "=1+2"],
             [("one", [1.0, None]), ("two", [2.0, 3.0])]),
        Field("warmth", "Warmth", HOW, ("x", "y"), *AXIS_TEXTS, [[1.0, 10.0], [None, 1000.0]], "kelvin", "log"),
        Field("winner", "Winner", HOW, ("x", "y"), *AXIS_TEXTS, [[0, 1], [None, 1]], "first", classes=["lu", "qr"]),
        Frames(
            "film", "Film", HOW, ("x1", "x2"), [0, 1, 2, 3], [0, 1, 2], ["0", "5", "9"], moments,
            [(0.5, 0.5, 1), (1, 1, -1)], [Line("loss", [0, 5, 9], [1.0, 0.1, 0.01])],
        ),
        Picture("drawing", "Drawing", HOW, SVG),
    ]  # fmt: skip
    table = ResultTable("Numbers", "What they are.", ("name", "value"), [("pi", 3.14159265), ("none", None)])
    nothing = dataclasses.replace(like, name="shapes", kind="shapes", rows=[], references={}, measurements=[])
    return nothing, Answer(["The figures are drawn."], figures, [table])
