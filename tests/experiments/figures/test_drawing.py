"""Printed figures hold the numbers of their records, with each axis in its place."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import LogNorm, to_hex

from experiments.figures.canvas import MARKS
from experiments.figures.drawing import DRAW, SETTINGS, save, stem_of
from experiments.figures.general_plots import MOST_FRAMES, MOST_TICKS, packed, shade_of
from experiments.figures.records import (
    Bars,
    Boundary,
    Contour,
    Convergence,
    ConvergenceCurve,
    Field,
    Figure,
    Frames,
    IteratePath,
    Line,
    Lines,
    Picture,
    Step,
    Sweep,
    drawn,
)
from experiments.figures.solver_plots import ENDS
from experiments.figures.style import LIGHT, look, styled
from experiments.figures.style import MARKS as STYLE_MARKS
from experiments.lab.run.outcome import Status

HOW = "How to read this: look."
X, Y = [0.0, 1.0, 2.0, 3.0], [10.0, 20.0, 30.0]


def canvas(figure: Figure) -> Any:
    with mpl.rc_context(SETTINGS):
        return DRAW[figure.kind](figure)


def panels(figure: Figure) -> list[Any]:
    """The axes that hold the figure's own panels, without those of colour bars."""
    return [axes for axes in canvas(figure).axes if axes.get_label() != "<colorbar>"]


def points(line: Any) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]


def labelled(panel: Any, label: str) -> Any:
    (line,) = [line for line in panel.lines if line.get_label() == label]
    return line


def test_every_kind_of_figure_but_a_finished_picture_is_drawn() -> None:
    assert set(DRAW) == {kind.kind for kind in get_args(Figure)} - {Picture.kind}


def curve(solver: str, status: Status, gap: list[float]) -> ConvergenceCurve:
    k = range(len(gap))
    return ConvergenceCurve(solver, 0, status, list(k), [0.5 * i for i in k], [100.0 * i for i in k], gap)


CONVERGENCE = Convergence(
    "p", "Convergence on p", HOW, "f - f*", 1e-3, drawn(1e-3, 4.0),
    [
        curve("newton", Status.SOLVED, [4.0, 0.1, 1e-5]),
        curve("sgd", Status.DIVERGED, [4.0, 8.0, 1e9]),
        curve("lbfgs", Status.BUDGET, [4.0, 2.0, 1.0]),
    ],
    ["newton", "sgd"],
)  # fmt: skip


def test_convergence_has_the_gap_upward_against_seconds_iterations_and_passes() -> None:
    drawn_panels = panels(CONVERGENCE)
    scales = {"seconds in the solver": 0.5, "iterations": 1.0, "passes over the data": 100.0}
    assert [panel.get_xlabel() for panel in drawn_panels] == list(scales)
    assert drawn_panels[0].get_ylabel() == "f - f*"
    for panel, scale in zip(drawn_panels, scales.values(), strict=True):
        assert points(labelled(panel, "newton")) == [(scale, 0.1), (2 * scale, 1e-5)], "the start at 0 has no logarithm"
        assert points(labelled(panel, "sgd")) == [(scale, 8.0), (2 * scale, 4000.0)], "at the edge"
        assert not [line for line in panel.lines if line.get_label() == "lbfgs"], "only what is to be shown"
        assert any(list(line.get_ydata()) == [1e-3, 1e-3] for line in panel.lines), "the tolerance"
        assert (panel.get_xscale(), panel.get_yscale()) == ("log", "log")


def test_no_solver_has_the_mark_of_a_failed_run() -> None:
    assert not set(MARKS.values()) & {*ENDS.values(), "x"}
    assert set(MARKS) == set(STYLE_MARKS)


def test_a_curve_ends_with_the_mark_of_its_status() -> None:
    panel = panels(CONVERGENCE)[1]
    ends = {to_hex(line.get_color()): line.get_marker() for line in panel.lines if len(line.get_xdata()) == 1}
    solvers = ["newton", "sgd", "lbfgs"]
    assert ends[LIGHT[look("sgd", solvers).colour]] == "x"
    assert ends[LIGHT[look("newton", solvers).colour]] == labelled(panel, "newton").get_marker()


SWEEP = Sweep(
    "p, momentum", "Learning rates", HOW, 1e-6, drawn(1e-6, 1.0),
    [
        Step(0.01, 0.1, Status.BUDGET, 900, 0.5),
        Step(0.5, 5.0, Status.SOLVED, 70, 1e-7),
        Step(1.8, 18.0, Status.SOLVED, 30, 2e-7),
        Step(2.0, 20.0, Status.DIVERGED, 200, 1e30),
    ],
    limit=1.9,
)  # fmt: skip


def test_a_sweep_has_steps_across_and_iterations_and_gaps_upward() -> None:
    counts, gaps = panels(SWEEP)
    assert (counts.get_xlabel(), counts.get_ylabel()) == ("step, in units of 2/L", "iterations to the tolerance")
    assert (gaps.get_xlabel(), gaps.get_ylabel()) == ("step, in units of 2/L", "gap at the end")
    assert points(labelled(counts, "solved")) == [(0.5, 70), (1.8, 30)]
    assert points(labelled(counts, "diverged")) == [(2.0, 900)], "at the top: it never got there"
    assert points(labelled(gaps, "solved")) == [(0.5, 1e-7), (1.8, 2e-7)]
    assert points(labelled(gaps, "budget")) == [(0.01, 0.5)]
    assert points(labelled(gaps, "diverged")) == [(2.0, SWEEP.drawn[1])]
    for panel in (counts, gaps):
        assert any(list(line.get_xdata()) == [1.9, 1.9] for line in panel.lines), "the limit is a vertical line"


def test_a_sweep_without_a_limit_has_no_line_there() -> None:
    free = Sweep("p", "t", HOW, 1e-6, (1e-9, 1e3), SWEEP.steps, "1", None)
    assert not any(list(line.get_xdata()) == [1.9, 1.9] for panel in panels(free) for line in panel.lines)


def test_a_contour_has_its_first_coordinate_across_and_draws_the_paths_to_be_shown() -> None:
    gap = [[x * x + y for x in X] for y in Y]
    paths = [IteratePath(f"path {k}", [(k, 10.0), (k + 0.5, 25.0)]) for k in range(3)]
    figure = Contour("c", "Paths", HOW, ("weight", "bias"), X, Y, gap, (0.5, 11.0), paths, (2, 0))
    first, second = panels(figure)
    assert [panel.get_title() for panel in (first, second)] == ["path 2", "path 0"]
    for panel, k in ((first, 2), (second, 0)):
        assert (panel.get_xlim(), panel.get_ylim()) == ((0.0, 3.0), (10.0, 30.0))
        path, minimum = panel.lines
        assert points(path) == [(k, 10.0), (k + 0.5, 25.0)]
        assert points(minimum) == [(0.5, 11.0)]
        (levels,) = panel.collections
        vertices = np.concatenate([path.vertices for path in levels.get_paths()])
        assert (vertices.min(0) >= (0, 10)).all()
        assert (vertices.max(0) <= (3, 30)).all()
    assert (first.get_xlabel(), first.get_ylabel()) == ("weight", "bias")


def test_a_boundary_has_its_shades_and_points_in_their_places() -> None:
    probability = [[0.1 * i + 0.01 * j for i in range(4)] for j in range(3)]
    figure = Boundary("b", "t", HOW, ("width", "height"), X, Y, probability, False, [(1.0, 20.0, 1), (2.0, 30.0, -1)])
    (panel,) = panels(figure)
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("width", "height")
    (mesh,) = panel.collections
    assert mesh.get_array().reshape(3, 4).tolist() == probability
    assert (mesh.get_coordinates()[..., 0].max(), mesh.get_coordinates()[..., 1].max()) == pytest.approx((3.5, 35.0))
    assert points(labelled(panel, "label 1")) == [(1.0, 20.0)]
    assert points(labelled(panel, "label -1")) == [(2.0, 30.0)]
    assert (labelled(panel, "label 1").get_marker(), labelled(panel, "label -1").get_marker()) == ("o", "s")
    lined = Boundary("b", "t", HOW, ("x", "y"), X, Y, [[i / 3 for i in range(4)]] * 3, True, [(1.0, 20.0, 1)])
    assert len(panels(lined)[0].collections) == 2, "the shades and the line where the probability is one half"


LINES = Lines(
    "l", "t", HOW, ("across", "up"), ("log", "linear"),
    [
        Line("seen", [1.0, 10.0, 100.0], [5.0, None, 7.0], [4.0, None, 6.0], [6.0, None, 8.0]),
        Line("theory", [1.0, 100.0], [3.0, 9.0], guide=True),
        Line("other", [1.0, 100.0], [1.0, 2.0]),
    ],
    upright=[(20.0, "here")], level=[(2.5, "limit")],
)  # fmt: skip


def test_lines_are_against_their_x_with_bands_guides_and_reference_lines() -> None:
    (panel,) = panels(LINES)
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("across", "up")
    assert (panel.get_xscale(), panel.get_yscale()) == ("log", "linear")
    seen = labelled(panel, "seen")
    assert (list(seen.get_xdata()), np.isnan(seen.get_ydata()).tolist()) == ([1.0, 10.0, 100.0], [False, True, False])
    assert [seen.get_ydata()[k] for k in (0, 2)] == [5.0, 7.0]
    assert points(labelled(panel, "theory")) == [(1.0, 3.0), (100.0, 9.0)]
    assert labelled(panel, "theory").get_linestyle() == ":"
    assert seen.get_color() != labelled(panel, "other").get_color()
    (band,) = panel.collections
    inside = np.concatenate([path.vertices for path in band.get_paths()])
    assert {float(y) for y in inside[:, 1]} <= {4.0, 6.0, 8.0}
    assert {float(x) for x in inside[:, 0]} <= {1.0, 100.0}
    assert any(list(line.get_xdata()) == [20.0, 20.0] for line in panel.lines)
    assert any(list(line.get_ydata()) == [2.5, 2.5] for line in panel.lines)
    assert {text.get_text() for text in panel.texts} == {"here", "limit"}


def test_bars_have_the_heights_of_their_groups() -> None:
    groups = [("one", [1.0, None, 3.0]), ("two", [20.0, 30.0, 40.0])]
    (panel,) = panels(Bars("b", "t", HOW, ("name", "seconds"), "log", ["p", "q", "r"], groups))
    assert (panel.get_xlabel(), panel.get_ylabel(), panel.get_yscale()) == ("name", "seconds", "log")
    assert [text.get_text() for text in panel.get_xticklabels()] == ["p", "q", "r"]
    for (label, heights), container in zip(groups, panel.containers, strict=True):
        assert container.get_label() == label
        for place, (height, bar) in enumerate(zip(heights, container, strict=True)):
            assert place - 0.5 < bar.get_x() < bar.get_x() + bar.get_width() < place + 0.5
            assert np.isnan(bar.get_height()) if height is None else bar.get_height() == height


def test_a_field_has_z_j_i_at_x_i_y_j() -> None:
    z = [[1.0, 10.0, None], [100.0, 1000.0, 2.0]]
    figure = Field("f", "t", HOW, ("columns", "rows"), ["a", "b", "c"], ["low", "high"], z, "kelvin", "log")
    (panel,) = panels(figure)
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("columns", "rows")
    assert [text.get_text() for text in panel.get_xticklabels()] == ["a", "b", "c"]
    assert [text.get_text() for text in panel.get_yticklabels()] == ["low", "high"]
    (mesh,) = panel.collections
    values = mesh.get_array().reshape(2, 3)
    assert values.filled(-1).tolist() == [[1.0, 10.0, -1], [100.0, 1000.0, 2.0]]
    assert isinstance(mesh.norm, LogNorm)
    assert [axes.get_ylabel() for axes in canvas(figure).axes if axes.get_label() == "<colorbar>"] == ["kelvin"]


def test_a_field_of_classes_has_a_letter_in_each_place_and_a_key() -> None:
    z = [[0, 1, None], [1, 1, 0]]
    figure = Field("f", "t", HOW, ("n", "d"), ["1", "2", "3"], ["4", "5"], z, "first", classes=["lu", "qr"])
    (panel,) = panels(figure)
    letters = {text.get_position(): text.get_text() for text in panel.texts}
    assert letters == {(0, 0): "A", (1, 0): "B", (0, 1): "B", (1, 1): "B", (2, 1): "A"}
    assert panel.get_title() == "A lu   B qr"


def test_many_names_on_an_axis_are_thinned_and_stay_at_their_places() -> None:
    names = [str(k) for k in range(2 * MOST_TICKS)]
    (panel,) = panels(Field("f", "t", HOW, ("x", "y"), names, ["0"], [[float(k) for k in range(len(names))]], "z"))
    ticks = dict(zip(panel.get_xticks(), [text.get_text() for text in panel.get_xticklabels()], strict=True))
    assert len(ticks) == MOST_TICKS
    assert all(str(int(place)) == name for place, name in ticks.items())


def test_frames_begin_with_the_first_moment_and_end_with_the_last() -> None:
    probabilities = [np.full((3, 4), 0.1 * k) + 0.02 * np.arange(4) for k in range(9)]
    moments = [f"epoch {k}" for k in range(9)]
    figure = Frames("f", "t", HOW, ("x1", "x2"), X, Y, moments, [packed(p) for p in probabilities], [(1.0, 20.0, 1)])
    shown = panels(figure)
    assert len(shown) == MOST_FRAMES
    assert (shown[0].get_title(), shown[-1].get_title()) == ("epoch 0", "epoch 8")
    for panel in shown:
        k = moments.index(panel.get_title())
        shade = np.asarray(panel.collections[0].get_array()).reshape(3, 4)
        assert shade == pytest.approx(probabilities[k], abs=1 / 500)
        assert shade_of(figure, k) == pytest.approx(probabilities[k], abs=1 / 500)
        assert points(panel.lines[-1]) == [(1.0, 20.0)]
        assert panel.get_xlabel() == "x1"
    assert shown[0].get_ylabel() == "x2"


@pytest.mark.parametrize("figure", [CONVERGENCE, SWEEP, LINES], ids=lambda figure: figure.kind)
def test_the_title_stands_above_all_panels(figure: Figure) -> None:
    assert canvas(figure).get_suptitle() == figure.title


def test_files_are_written_with_the_title_and_the_caption(tmp_path: Path) -> None:
    files = save(LINES, tmp_path / "figures", "stem")
    assert [file.name for file in files] == ["stem.png", "stem.svg"]
    assert files[0].read_bytes().startswith(b"\x89PNG")
    text = files[1].read_text()
    assert all(word in text for word in ("How to read this: look.", "across", "theory"))
    assert save(LINES, tmp_path / "again", "stem")[1].read_text() == text, "the same numbers give the same file"
    picture = Picture("p", "t", HOW, "<svg>drawn</svg>")
    (only,) = save(picture, tmp_path, "picture")
    assert (only.name, only.read_text()) == ("picture.svg", "<svg>drawn</svg>")


def test_a_file_s_name_holds_run_kind_and_figure_and_nothing_that_a_path_reads() -> None:
    named = Lines("ridge(l2=0.1)/../x", "t", HOW, ("x", "y"), ("log", "log"), [])
    assert stem_of("my run", named) == "my-run-lines-ridge-l2-0.1-..-x"


def test_a_solver_looks_the_same_in_every_figure_and_unlike_its_neighbours() -> None:
    assert look("newton", ["newton"]) == look("newton", ["qr", "newton"])
    assert look("mine", ["mine", "yours"]) != look("yours", ["mine", "yours"])
    looks = [styled(k) for k in range(len(LIGHT) * 5)]
    assert len(set(looks)) == len(looks)
    assert all(one.colour != other.colour and one.mark != other.mark for one, other in pairwise(looks))
