"""The catalogue of data: rows true to their classes, sources that read back, targets of the kind that a task needs."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

import problems
from experiments.lab.spec.building import build_problem, problem_arguments
from experiments.lab.spec.grammar import SpecError, parse
from problems.data import TABLE
from problems.data.arrays import Arrays
from problems.data.bundled import BreastCancer, Diabetes, Digits, Iris, Linnerud, Wine
from problems.data.files import Nist, Table
from problems.data.source import Dataset, RowSource, Source, SystemSource, Task
from problems.data.synthetic.linear import Synthetic
from problems.data.synthetic.matrices import (
    Convection,
    GeneralMatrix,
    HilbertMatrix,
    IndefiniteMatrix,
    Poisson,
    PositiveDefiniteMatrix,
)
from problems.data.synthetic.shapes import Blobs, Circles, Moons, Spirals, Waves, XorPoints
from problems.data.synthetic.signals import PiecewiseConstant, Saturation, SparseSolution, SpectralRows
from problems.forms import LinearModel, MatrixModel
from tests.helpers.nist_files import polynomial

CSV = "x1,x2,y\n" + "".join(f"{k},{k * k},{1 if k % 3 else 4}\n" for k in range(12))
# sources that together change every parameter from its default
CHANGED: list[Any] = [
    Synthetic(n=50, d=3, condition=7.5, sparsity=0.5, noise=0.25, outliers=0.1, tails=4.5, shift=1e-3, seed=3),
    Synthetic(n=50, correlation=-0.5, outputs=2),
    Synthetic(density=0.1, balance=0.25, classes=4),
    Synthetic(noise=0.0, margin=0.5),
    Waves(n=30, d=3, outputs=2, noise=0.5, seed=1),
    Moons(n=30, noise=0.25, seed=1),
    Circles(n=30, factor=0.25, noise=0.5, seed=1),
    Spirals(n=30, classes=3, noise=0.5, seed=1),
    XorPoints(n=8, noise=0.25, seed=1),
    Blobs(n=30, d=3, clusters=4, spread=0.25, seed=1),
    SpectralRows(n=30, d=5, spectrum="step", ratio=0.25, rank=2, seed=1),
    SparseSolution(n=10, d=30, nonzeros=3, seed=1),
    PiecewiseConstant(n=30, pieces=3, noise=0.25, seed=1),
    Saturation(n=30, noise=0.25, seed=1),
    Poisson(size=5, solution="random", seed=1),
    Convection(size=5, wind=2.5, solution="random", seed=1),
    PositiveDefiniteMatrix(n=5, condition=2.5, spectrum="uniform", solution="random", seed=1),
    GeneralMatrix(n=5, condition=2.5, spectrum="clustered", solution="random", seed=1),
    IndefiniteMatrix(n=5, condition=2.5, spectrum="uniform", solution="random", seed=1),
    HilbertMatrix(n=5, solution="random", seed=1),
    Diabetes(standardize=False),
    Linnerud(standardize=False, outputs=3),
    BreastCancer(standardize=False),
    Iris(standardize=False),
    Wine(standardize=False),
    Digits(standardize=False),
    Table("rows.csv", target="y", standardize=False),
    Table("my rows, (1).csv", target=("a b", "2", "true"), standardize=True),
    Table('say "yes".csv', target="none"),
    Table("1e3", target="1e3"),
    Nist("sub folder/Longley.dat"),
]


def class_of(name: str) -> type[Source]:
    module, _, attribute = TABLE[name].place.partition(":")
    found: type[Source] = getattr(importlib.import_module(module), attribute)
    return found


def read_back(source: Source) -> Any:
    """The source that the spec grammar builds from the text of another; nothing is read."""
    problem = "linear-system" if isinstance(source, SystemSource) else "logistic"
    return problem_arguments(parse(f"{problem}(data={source})"))[1]["data"]


def default(name: str, folder: Path) -> Any:
    """The source of that name with default parameters, on rows of our own where it needs any."""
    if name == "table":
        (folder / "rows.csv").write_text(CSV)
        return Table(str(folder / "rows.csv"))
    if name == "nist":
        (folder / "line.dat").write_text(polynomial(["1", "2", "4", "7"], ["1", "2", "4", "3"], 1))
        return Nist(str(folder / "line.dat"))
    if name == "arrays":
        return Arrays(np.arange(12.0).reshape(6, 2) ** 2, np.array([1, 4, 4, 1, 4, 1]))
    return Blobs(clusters=2) if name == "blobs" else class_of(name)()


@pytest.mark.parametrize("name", TABLE)
def test_a_row_is_true_to_its_class(name: str) -> None:
    row, source = TABLE[name], class_of(name)
    assert source.name == name
    if issubclass(source, RowSource):
        assert tuple(map(str, source.makes)) == row.makes
    else:
        assert issubclass(source, SystemSource)
        assert row.makes == ("system",)
    assert source.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert row.summary.endswith(".")
    assert row.source
    doc = source.__doc__ or ""
    for field in dataclasses.fields(source):  # type: ignore[arg-type]
        described = rf"^    (\w+, )*{field.name}(, \w+)*  +\S"
        assert re.search(described, doc, re.MULTILINE), f"{field.name} is described with its name"
    assert inspect.signature(source).parameters.keys() == {field.name for field in dataclasses.fields(source)}  # type: ignore[arg-type]


def test_the_samples_change_every_parameter_of_every_source_but_arrays() -> None:
    for name in TABLE.keys() - {"arrays"}:
        source = class_of(name)
        samples = [sample for sample in CHANGED if type(sample) is source]
        for field in dataclasses.fields(source):  # type: ignore[arg-type]
            assert any(getattr(sample, field.name) != field.default for sample in samples), f"{name}: {field.name}"


@pytest.mark.parametrize("source", CHANGED, ids=str)
def test_a_source_reads_back_through_the_spec_grammar(source: Source) -> None:
    same = read_back(source)
    assert type(same) is type(source)
    assert same == source
    assert str(same) == str(source)


@pytest.mark.parametrize("name", sorted(TABLE.keys() - {"table", "nist", "arrays"}))
def test_a_source_with_default_parameters_is_its_name(name: str) -> None:
    source = class_of(name)()
    assert str(source) == name
    assert read_back(source) == source


@given(file=st.text(min_size=1), target=st.none() | st.text(min_size=1) | st.tuples(st.text(min_size=1), st.text()))
def test_any_text_reads_back(file: str, target: Any) -> None:
    source = Table(file, target)
    assert read_back(source) == source


@pytest.mark.parametrize("name", sorted(name for name, row in TABLE.items() if row.makes != ("system",)))
def test_every_task_gets_its_kind_of_targets_and_others_are_refused(name: str, tmp_path: Path) -> None:
    source = default(name, tmp_path)
    for task in Task:
        if task not in source.makes:
            with pytest.raises(
                ValueError, match=f"{name} gives .*{source.makes[-1]}; (a )?{task} (is|are) needed here"
            ):
                source.rows(task)
            continue
        rows = source.rows(task)
        check(task, rows)
        again = source.rows(task)
        assert same_bits(rows.X, again.X), "rows are the same each time"
        assert same_bits(rows.y, again.y)


def check(task: Task, rows: Dataset) -> None:
    """X and y are what the task says."""
    if task is not Task.SIGNAL:
        assert rows.X.ndim == 2
        assert rows.X.dtype == np.float64
        assert np.isfinite(rows.X.data if sp.issparse(rows.X) else rows.X).all()
        assert sp.issparse(rows.X) or rows.X.flags.c_contiguous
        assert rows.y is None or len(rows.y) == rows.X.shape[0]
    if task is Task.FEATURES:
        assert rows.y is None
        return
    assert rows.y.dtype == np.float64
    assert np.isfinite(rows.y).all()
    values = np.unique(rows.y)
    if task is Task.LABELS:
        np.testing.assert_array_equal(values, [-1, 1])
    elif task is Task.CLASSES:
        np.testing.assert_array_equal(values, np.arange(len(values)))
        assert len(values) > 1
    elif task is Task.NUMBERS:
        assert rows.y.ndim in (1, 2)
    else:
        assert rows.y.ndim == 1


def same_bits(one: Any, other: Any) -> bool:
    if sp.issparse(one):
        return bool((one != other).nnz == 0)
    return one is other is None or one.tobytes() == other.tobytes()


@pytest.mark.parametrize(
    ("source", "shape"),
    [(Synthetic(n=30, d=3, outputs=2), (30, 2)), (Waves(n=30, outputs=3), (30, 3)), (Linnerud(outputs=3), (20, 3))],
)
def test_several_outputs_are_columns_of_y_and_the_first_is_that_of_one_output(
    source: Any, shape: tuple[int, int]
) -> None:
    y = source.rows(Task.NUMBERS).y
    assert y.shape == shape
    if not isinstance(source, Waves):  # whose directions are drawn together
        one = dataclasses.replace(source, outputs=1).rows(Task.NUMBERS).y
        np.testing.assert_allclose(y[:, 0], one, rtol=1e-14)


# --- the shorthand: parameters of the source given to the problem

DRAWN = sorted(name for name in problems.TABLE if "data" in problem_arguments(parse(name))[1])


@pytest.mark.parametrize("name", DRAWN)
def test_a_parameter_of_the_source_given_to_the_problem_is_the_source_s(name: str) -> None:
    factory, arguments = problem_arguments(parse(name))
    source = arguments["data"]
    assert source == inspect.signature(factory).parameters["data"].default
    changed = dataclasses.replace(source, seed=7)
    short, long = parse(f"{name}(seed=7)"), parse(f"{name}(data={changed})")
    assert problem_arguments(short)[1]["data"] == problem_arguments(long)[1]["data"] == changed
    one, other = build_problem(short), build_problem(long)
    theta = np.random.default_rng(0).standard_normal(one.dim)
    assert np.float64(one.value(theta)).tobytes() == np.float64(other.value(theta)).tobytes()
    assert one.start(np.random.default_rng(1)).tobytes() == other.start(np.random.default_rng(1)).tobytes()


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("logistic(n=50)", "logistic(data=synthetic(n=50))"),
        ("logistic(n=50, l2=0.5, noise=0.5)", "logistic(l2=0.5, data=synthetic(noise=0.5, n=50))"),
        ("softmax(n=90, classes=4, balance=0.5)", "softmax(data=synthetic(n=90, classes=4, balance=0.5))"),
        ("softmax(data=spirals, n=30, classes=3)", "softmax(data=spirals(n=30, classes=3))"),
        ("hinge(data=moons, n=30)", "hinge(data=moons(n=30))"),
        ("ridge(data=saturation, noise=0.5)", "ridge(data=saturation(noise=0.5))"),
        ("linear-regression(density=0.25, d=4)", "linear-regression(data=synthetic(d=4, density=0.25))"),
    ],
)
def test_the_shorthand_has_the_same_rows_to_the_last_bit(short: str, long: str) -> None:
    one, other = (build_problem(parse(text)) for text in (short, long))
    assert isinstance(one, LinearModel | MatrixModel)
    assert isinstance(other, LinearModel | MatrixModel)
    assert same_bits(one.rows.X, other.rows.X)
    assert same_bits(one.y, other.y)
    theta = np.random.default_rng(0).standard_normal(one.dim)
    assert one.value(theta) == other.value(theta)


# --- refusals


@pytest.mark.parametrize("name", DRAWN)
def test_an_unknown_parameter_is_refused_with_those_that_exist(name: str) -> None:
    factory, arguments = problem_arguments(parse(name))
    with pytest.raises(SpecError, match=f"{name} has no parameter 'zzz'; there are: ") as refused:
        problem_arguments(parse(f"{name}(zzz=1)"))
    allowed = set(str(refused.value).partition("there are: ")[2].split(", "))
    of_problem = inspect.signature(factory).parameters.keys() - {"data"}
    of_source = {field.name for field in dataclasses.fields(arguments["data"])}
    assert allowed == of_problem | of_source


@pytest.mark.parametrize("source", [sample for sample in CHANGED if not hasattr(sample, "seed")], ids=str)
def test_a_parameter_of_another_source_is_refused_with_those_of_this_one(source: Source) -> None:
    with pytest.raises(SpecError, match=f"{source.name} has no parameter 'density'; there are: ") as refused:
        problem_arguments(parse(f"logistic(data={source}, density=0.5)"))
    names = str(refused.value).partition("there are: ")[2].split(", ")
    assert names == [field.name for field in dataclasses.fields(source)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("logistic(tails=3)", "tails is a parameter of numbers; labels are needed here"),
        ("logistic(outliers=0.1, shift=3)", "shift is a parameter of numbers; labels are needed here"),
        ("logistic(outputs=2)", "outputs is a parameter of numbers; labels are needed here"),
        ("softmax(outliers=0.1)", "outliers is a parameter of numbers or labels; classes are needed here"),
        ("softmax(margin=1, noise=0)", "margin is a parameter of labels; classes are needed here"),
        ("ridge(balance=0.5)", "balance is a parameter of labels or classes; numbers are needed here"),
        ("ridge(classes=3)", "classes is a parameter of classes; numbers are needed here"),
        ("hinge(data=diabetes)", "diabetes gives numbers or features; labels are needed here"),
        ("softmax(data=diabetes)", "diabetes gives numbers or features; classes are needed here"),
        ("logistic(data=iris)", "iris gives classes or features; labels are needed here"),
        ("lasso(data=moons)", "moons gives labels or classes or features; numbers are needed here"),
        ("total-variation(data=waves)", "waves gives numbers; a signal is needed here"),
        ("logistic(data=spirals, classes=3)", "the number of classes is 3; two are needed here"),
        ("logistic(data=blobs, clusters=1)", "the number of classes is 1; two are needed here"),
        ("softmax(data=blobs, clusters=1)", "the number of classes is 1; at least two are needed here"),
        ("lasso(data=linnerud, outputs=2)", "linnerud(outputs=2) has 2 targets; one is needed here"),
    ],
)
def test_targets_of_another_kind_are_refused(spec: str, words: str) -> None:
    with pytest.raises(SpecError) as refused:
        build_problem(parse(spec))
    assert words in str(refused.value)
