"""The structure of the project: imports in one direction, catalogues true to what they list, readable colours."""

from __future__ import annotations

import ast
import importlib
import inspect
import os
import re
import subprocess
import sys
import zipfile
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import experiments
import problems
import solvers
from experiments.figures.style import DARK, LIGHT
from experiments.lab.spec.building import build_problem, build_solver
from experiments.lab.spec.grammar import parse
from problems import forms
from problems.foundation.source import closure
from solvers.base import BlackBox

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("problems", "solvers", "experiments", "solverlab")  # each imports itself and those before it
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
MOST_FILES, MOST_LINES = 13, 300  # of a folder, of a file
# what of problems a solver may know: its forms and the parts that they carry, never a concrete problem
KNOWN_TO_SOLVERS = ("problems.foundation", "problems.forms", "problems.parts", "problems.kernels")


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {name_of(path): path for path in MODULES}


def imports(path: Path) -> set[str]:
    """The modules of the four packages that a file imports, inside functions too."""
    imported = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: imports are absolute, so that a line says where it points"
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            imported |= {name if name in NAMES else str(node.module) for name in names}
    return {name for name in imported if name.split(".")[0] in PACKAGES}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_packages_import_only_those_below_them(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = PACKAGES[: PACKAGES.index(package) + 1]
    for name in imports(path):
        assert name in NAMES, f"{name} is a module"
        assert name.split(".")[0] in allowed or path.name == "__main__.py"
        if package == "solvers" and name.startswith("problems.") and path.name != "compile_kernels.py":
            assert name.startswith(KNOWN_TO_SOLVERS), "a solver knows forms, not concrete problems"


def test_no_folder_imports_itself_by_a_detour() -> None:
    graph: dict[str, set[str]] = {}
    for path in MODULES:
        folder = str(path.parent.relative_to(ROOT))
        others = {str(NAMES[name].parent.relative_to(ROOT)) for name in imports(path)}
        graph.setdefault(folder, set()).update(others - {folder})
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the folders


def test_folders_and_files_are_small() -> None:
    for folder in {path.parent for path in MODULES}:
        files = [path for path in MODULES if path.parent == folder]
        assert len(files) <= MOST_FILES, f"{folder} holds {len(files)} files: divide it by concept"
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= MOST_LINES, f"{path} is long: divide it by concept"


def test_tests_mirror_the_packages() -> None:
    for folder in (ROOT / "tests").rglob("*"):
        inner = folder.relative_to(ROOT / "tests")
        if folder.is_dir() and folder.name != "__pycache__" and inner.parts[0] != "helpers":
            assert (ROOT / inner).is_dir(), f"tests/{inner} tests a folder that exists"


def test_no_solver_reaches_a_concrete_problem_by_a_detour() -> None:
    places = {entry.place.partition(":")[0] for entry in solvers.TABLE.values()}
    concrete = {entry.place.partition(":")[0] for entry in problems.TABLE.values()}
    assert not concrete & set(closure(*sorted(places)))


@pytest.mark.parametrize("name", solvers.TABLE)
def test_a_solver_s_row_is_true_to_its_class(name: str) -> None:
    entry = solvers.TABLE[name]
    method = build_solver(parse(name))
    assert tuple(form.__name__ for form in method.needs) == entry.needs
    assert (entry.family == "peer") == isinstance(method, BlackBox)
    doc = inspect.getdoc(type(method)) or ""
    for told in ("Cost:", "Rate:", "Choose it ", "Source:"):
        assert re.search(rf"^{told}", doc, re.MULTILINE), f"{name} tells its {told}"
    assert "emory" in doc
    assert re.search(r"^Choose it (?s:.)*\bnot\b", doc, re.MULTILINE), f"{name} tells when not to choose it"
    for variant in entry.variants:
        assert build_solver(parse(variant)).__class__ is method.__class__


@pytest.mark.parametrize("name", problems.TABLE)
def test_a_problem_s_row_is_true_to_what_it_builds(name: str) -> None:
    entry = problems.TABLE[name]
    built = build_problem(parse(name))
    for promise in entry.promises:
        assert isinstance(built, getattr(forms, promise))
    module, _, factory = entry.place.partition(":")
    doc = inspect.getdoc(getattr(importlib.import_module(module), factory)) or ""
    assert "f(theta) =" in doc
    assert "ertified" in doc
    for parameter in inspect.signature(getattr(importlib.import_module(module), factory)).parameters:
        assert re.search(rf"\b{parameter}\b", doc), f"{parameter} is documented"


@pytest.mark.parametrize("name", experiments.TABLE)
def test_an_experiment_s_row_is_true_to_its_module(name: str) -> None:
    entry = experiments.TABLE[name]
    module = importlib.import_module(entry.place)
    assert module.EXPERIMENT.name == module.EXPERIMENT.kind == name
    assert (module.__doc__ or "").startswith(entry.summary), "it asks what the catalogue says it asks"
    assert callable(module.answer)


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("ground", "colours"), [("#ffffff", LIGHT), ("#14181d", DARK)])
def test_every_colour_stands_out_three_to_one(ground: str, colours: tuple[str, ...]) -> None:
    for colour in colours:
        light, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour
    assert ground in (ROOT / "experiments/report/page.css").read_text(), "the page's own ground"


def test_the_wheel_works_outside_the_checkout(tmp_path: Path) -> None:
    wheels, target = tmp_path / "wheels", tmp_path / "installed"
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(wheels)]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = wheels.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    (tmp_path / "where.py").write_text("import experiments, problems, solvers\nprint(experiments.__file__)\n")
    environment = os.environ | {"PYTHONPATH": str(target)}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("where.py").startswith(str(target))
    output = run("-m", "solverlab", "compare", "logistic(n=50, d=3)", "--solvers", "newton,sgd", "--out", "o")
    assert "newton" in output
    assert (tmp_path / "o" / "report.html").exists()
