"""The page in a real browser: offline, by keyboard, on a phone, light and dark, with the numbers of the result."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

import solvers
from experiments.lab.analysis.results import Result
from experiments.lab.experiment import Answer, Experiment, Options
from experiments.lab.run.cell import Cell
from experiments.lab.run.stopping import Rule
from experiments.lab.run_experiment import run_experiment
from experiments.lab.spec.grammar import parse
from experiments.lab.store.store import Store
from experiments.lab.workers.engine import Local
from experiments.questions.convergence import EXPERIMENT as CONVERGENCE
from experiments.questions.convergence import answer as converge
from experiments.questions.learning_rate import EXPERIMENT as LEARNING_RATE
from experiments.questions.learning_rate import answer as sweep
from experiments.report.files import write
from tests.helpers.figure_examples import HOW, shapes

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.xdist_group("page")
KINDS = 10  # convergence, boundary and lines; sweep, contour and field; lines, bars, field and frames
HOSTILE = "<script>alert('x')</script>"
PROBLEMS = tuple(map(parse, ("linear-regression(n=60, d=4)", "logistic(n=60, d=4)", "xor(model=linear)", "xor")))


def few(options: Options, references: Any) -> list[Cell]:
    """A problem of each kind, and solvers that solve it, stall, diverge, break down and are skipped."""
    chosen = ("newton", "lbfgs", "sgd", "gradient-descent(step=1000)", "qr", "scipy-minimize", "sklearn-logistic")
    rule = Rule(seconds=0.2, tolerance=1e-4)
    return [Cell(problem, solver, 0, rule) for problem in PROBLEMS for solver in chosen]


@pytest.fixture(scope="module")
def answered(engine: Local, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Result, Answer]]:
    small = Experiment(
        "convergence", "convergence", f"Which is fastest? {HOSTILE}", lambda options: PROBLEMS, few,
    )  # fmt: skip
    with Store(tmp_path_factory.mktemp("store")) as store:
        first = run_experiment(small, Options(repeats=3), store, engine)
        second = run_experiment(LEARNING_RATE, Options(quick=True), store, engine)
    return [(first, converge(first)), (second, sweep(second)), shapes(first)]


@pytest.fixture(scope="module")
def folder(answered: list[tuple[Result, Answer]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("page")
    write(place, answered, pictures=False)  # which take most of a second each
    return place


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("CI must have a chromium to look at the page with")
        pytest.skip("no chromium on this machine to look at the page with")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


def opened(browser: Any, folder: Path, width: int = 1280, scheme: str = "light") -> tuple[Any, list[str], list[str]]:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True).new_page()
    messages, requests = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto((folder / "report.html").as_uri())
    page.wait_for_selector("html[data-ready=yes][data-drawn=all]", timeout=20_000)
    return page, messages, requests


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_offline_without_an_error_at_any_width(
    browser: Any, folder: Path, width: int, scheme: str
) -> None:
    page, messages, requests = opened(browser, folder, width, scheme)
    assert messages == []
    assert len(requests) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width, "no sideways scroll"
    shown = page.evaluate(
        "[...document.querySelectorAll('.canvas')].map(c => c._fullLayout).map(l => [l._size.w, l._size.h])"
    )
    assert len(shown) == KINDS
    assert all(w >= width / 2 and h >= 150 for w, h in shown), f"the data have most of the width: {shown}"
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(20, 24, 29)")
    page.close()


def test_each_figure_is_of_the_intended_kind(browser: Any, folder: Path) -> None:
    page, _, _ = opened(browser, folder)
    kinds = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('figure.plot')].map(f => "
        "[f.dataset.kind, f.querySelector('.canvas').data.map(t => t.type)]))"
    )
    assert set(kinds) == {"convergence", "sweep", "contour", "boundary", "lines", "bars", "field", "frames"}
    assert set(kinds["lines"]) == {"scatter"}
    assert set(kinds["bars"]) == {"bar"}
    assert set(kinds["field"]) == {"heatmap"}
    assert kinds["frames"][0] == "heatmap"
    assert set(kinds["convergence"]) == set(kinds["sweep"]) == {"scatter"}
    assert kinds["contour"][0] == "contour"
    assert kinds["boundary"][:2] == ["heatmap", "contour"]
    page.close()


def test_every_control_is_reached_and_moved_by_keyboard_alone(browser: Any, folder: Path) -> None:
    page, messages, _ = opened(browser, folder)
    wanted = page.evaluate(
        "[...document.querySelectorAll('select, button, input:not([type=radio]), input:checked, summary, a')]"
        ".filter(e => e.checkVisibility()).length"
    )
    seen = set()
    for _ in range(3 * wanted):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate(
                "(() => { const e = document.activeElement; e.dataset.k ||= Math.random(); return e.dataset.k; })()"
            )
        )
    assert len(seen) >= wanted
    axis = "document.querySelector('figure[data-kind=convergence] .canvas').layout.xaxis.title.text"
    page.focus("figure[data-kind=convergence] .across:checked")
    assert page.evaluate(axis) == "seconds in the solver"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(axis) == "iterations"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(axis) == "passes over the data"
    label = "document.querySelector('figure[data-kind=contour] output').textContent"
    before = page.evaluate(label)
    page.focus(".rate")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(label) != before
    count = "document.querySelector('figure[data-kind=convergence] .canvas').data.length"
    shown = page.evaluate(count)
    page.focus(".entries input")
    page.keyboard.press("Space")
    assert page.evaluate(count) == shown - 1
    assert messages == []
    page.close()


def test_controls_are_large_enough_for_a_finger(browser: Any, folder: Path) -> None:
    page, _, _ = opened(browser, folder, 390)
    small = page.evaluate(
        "[...document.querySelectorAll('label, select, button, summary, nav a')]"
        ".map(e => [e.textContent.slice(0, 30), e.getBoundingClientRect()])"
        ".filter(([, r]) => r.width && (r.height < 24 || r.width < 24)).map(([t]) => t)"
    )
    assert small == []
    page.close()


def test_every_kind_of_figure_shows_its_numbers_on_the_page(browser: Any, folder: Path) -> None:
    page, messages, _ = opened(browser, folder)
    block = "document.querySelector('#run-2 figure.plot[data-kind={}] .canvas')"
    lines = page.evaluate(f"{block.format('lines')}.data.map(t => [t.name ?? '', t.y])")
    assert ["seen", [1, 9, 110]] in lines
    assert ["theory", [1, 10, 100]] in lines
    bars = page.evaluate(f"{block.format('bars')}.data.map(t => [t.name, t.y])")
    assert bars == [["one", [1, None]], ["two", [2, 3]]]
    page.select_option("#run-2 figure[data-kind=field] .which", index=1)
    assert page.evaluate(f"{block.format('field')}.data[0].text") == [["A", "B"], ["", "B"]]
    assert "A lu, B qr" in page.inner_text("#run-2 figure[data-kind=field] figcaption")
    slider = "#run-2 figure[data-kind=frames] .moment"
    shade = f"{block.format('frames')}.data[0].z[0][0]"
    assert page.evaluate(shade) == pytest.approx(0.9, abs=0.01), "a film begins with its end"
    page.focus(slider)
    page.keyboard.press("Home")
    assert page.evaluate(shade) == pytest.approx(0.2, abs=0.01)
    assert page.evaluate("document.querySelector('.picture img').naturalWidth") > 0
    assert "3.142" in page.text_content("#run-2 table")
    assert HOW in page.inner_text("#run-2 figure.picture figcaption")
    assert messages == []
    page.close()


def test_what_a_user_has_chosen_is_in_the_address_and_comes_back(browser: Any, folder: Path) -> None:
    page, messages, _ = opened(browser, folder)
    page.goto(f"{(folder / 'report.html').as_uri()}#run-1")
    page.select_option("figure[data-kind=convergence] .which", index=1)
    page.check("figure[data-kind=convergence] .across[value=passes]")
    page.focus(".rate")
    page.keyboard.press("End")
    state = (
        "[document.querySelector('figure[data-kind=convergence] h3').textContent,"
        " document.querySelector('output').textContent,"
        " document.querySelector('figure[data-kind=convergence] .canvas').layout.xaxis.title.text]"
    )
    before, address = page.evaluate(state), page.url
    assert address.partition("#")[2].startswith("run-1;")
    page.close()
    other = browser.new_context(viewport={"width": 1280, "height": 900}, offline=True).new_page()
    other.goto(address)
    other.wait_for_selector("html[data-drawn=all]", timeout=20_000)
    assert other.evaluate(state) == before
    other.close()
    assert messages == []


def test_names_are_text_and_never_markup(browser: Any, folder: Path) -> None:
    page, messages, _ = opened(browser, folder)
    assert HOSTILE in page.inner_text("section#run-0 .question")
    assert messages == []
    assert HOSTILE not in (folder / "report.html").read_text()
    page.close()


def test_page_pictures_tables_and_files_show_the_same_numbers(
    browser: Any, folder: Path, answered: list[tuple[Result, Answer]]
) -> None:
    page, _, _ = opened(browser, folder)
    result, answer = answered[0]
    embedded = json.loads(page.inner_text("#data") or page.evaluate("document.getElementById('data').textContent"))
    figure = next(f for f in answer.figures if f.kind == "convergence")
    shown = embedded["figures"][0]
    for curve, drawn in zip(figure.curves, shown["curves"], strict=True):
        assert drawn["solver"] == curve.solver
        assert drawn["gap"] == [float(f"{g:.6g}") for g in curve.gap]
    with page.expect_download() as download:
        page.click("figure[data-kind=convergence] .csv")
    rows = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text())))
    assert len(rows) == sum(len(curve.gap) for curve in figure.curves)
    table = list(csv.DictReader(io.StringIO((folder / "convergence.csv").read_text())))
    cells = json.loads((folder / "convergence.json").read_text())["cells"]
    solvers_of_rows = [str(row.solver) for row in result.rows]
    assert [row["solver"] for row in table] == [cell["solver"] for cell in cells] == solvers_of_rows
    for row, cell in zip(table, cells, strict=True):
        assert (float(row["gap"]) if row["gap"] else None) == cell["gap"]
    failures = page.text_content("#failures")
    for row in result.rows:
        if not row.solved and not row.skipped:
            assert row.typical.reason[:40] in failures
    for sentence in answer.verdicts:
        assert sentence in page.inner_text("section#run-0 .verdicts")
    page.close()


def test_the_page_is_one_file_of_moderate_size(folder: Path) -> None:
    assert (folder / "report.html").stat().st_size < 8 * 2**20
    assert not (folder / "figures").exists()


def test_a_figure_of_every_kind_is_drawn_for_print(answered: list[tuple[Result, Answer]], tmp_path: Path) -> None:
    drawn = []
    for result, answer in answered:
        first_of_its_kind = {figure.kind: figure for figure in reversed(answer.figures)}
        drawn.append((result, Answer(answer.verdicts, list(first_of_its_kind.values()))))
    write(tmp_path, drawn)
    count = sum(len(answer.figures) for _, answer in drawn)
    suffixes = [path.suffix for path in (tmp_path / "figures").iterdir()]
    assert suffixes.count(".svg") == count > 9
    assert suffixes.count(".png") == count - 1, "a picture that is SVG already has no other"


def test_the_page_states_its_words_plainly(browser: Any, folder: Path) -> None:
    page, _, _ = opened(browser, folder)
    heads = page.evaluate("[...document.querySelectorAll('#run-0 details table')].map(t => t.tHead.textContent)")
    assert heads[0] == (
        "SolverStatusTime to toleranceIterationsPassesGapError of theta, by curvatureCorrect digitsObserved rate"
        "Predicted rateAccuracyWhy it was not first"
    )
    text = page.text_content("main")
    assert "The referee proves that f* is at least" in text
    assert "Every run that did not reach its tolerance, with the reason and how to fix it." in text
    legends = page.evaluate("[...document.querySelectorAll('legend')].map(l => l.textContent)")
    assert set(legends) == {"Horizontal axis", "Scale", "Vertical axis", "Solvers", "Curves"}
    page.close()


def test_a_formula_in_a_downloaded_csv_file_is_marked_as_text(browser: Any, folder: Path) -> None:
    page, _, _ = opened(browser, folder)
    with page.expect_download() as download:
        page.click("#run-2 figure[data-kind=bars] .csv")
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text())))
    assert rows == [["name", "one", "two"], ["a", "1", "2"], ["'=1+2", "", "3"]]
    page.close()


@pytest.mark.parametrize(("options", "names"), [(Options(quick=True), solvers.TABLE), (Options(), solvers.everyone())])
def test_convergence_runs_every_solver_on_every_problem(options: Options, names: Iterable[str]) -> None:
    pairs = {(problem, parse(solver)) for problem in CONVERGENCE.problems(options) for solver in names}
    assert {(cell.problem, cell.solver) for cell in CONVERGENCE.cells(options, {})} == pairs
