"""Names become problems and solvers; what cannot be built is refused with what would be allowed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.lab.spec.building import build_problem, build_solver, files_of, seeded
from experiments.lab.spec.grammar import SpecError, parse
from experiments.lab.spec.supplied import restored, supplied
from solvers.first_order.descent import GradientDescent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cholesk", "did you mean cholesky?"),
        ("sgd(stepp=1)", "no parameter 'stepp'; did you mean step"),
        ("sgd(batch=many)", "batch is many"),
        ("sgd(batch=1.5)", "batch is 1.5"),
        ("sgd(schedule=slow)", "'constant', 'inverse' or 'cosine'"),
        ("sgd(step=-1)", "step is -1.0; it must be a positive number"),
        ("sgd(step=nan)", "step is nan"),
        ("momentum(momentum=1)", "less than 1"),
        ("json:dumps", "is not a solver"),
        ("no.such.module:Solver", "cannot be imported"),
    ],
)
def test_a_solver_that_cannot_be_built_is_refused(text: str, words: str) -> None:
    with pytest.raises(SpecError) as refused:
        build_solver(parse(text))
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("logistc", "did you mean logistic?"),
        ("linear-regression(n=1)", "n is 1; it must be at least 2"),
        ("logistic(l2=-1)", "l2 is -1"),
        ("logistic(nn=5)", "logistic has no parameter 'nn'; did you mean n?"),
        ("logistic(data=irs)", "no source of data 'irs'; did you mean iris"),
        ("logistic(data=breast_cancer, n=5)", "breast_cancer has no parameter 'n'; there are: standardize"),
        ("logistic(data=synthetic(n=5), n=3)", "n is given twice"),
        ("logistic(data=diabetes)", "diabetes gives numbers or features; labels are needed"),
        ("logistic(tails=3)", "tails"),
        ("ridge(data=newton)", "no source of data 'newton'"),
        ("linear-system(data=iris)", "iris is a source of rows; a system A theta = b is needed"),
        ("os:getcwd", "returns no problem"),
    ],
)
def test_a_problem_that_cannot_be_built_is_refused(text: str, words: str) -> None:
    with pytest.raises(SpecError) as refused:
        build_problem(parse(text))
    assert words in str(refused.value)


def test_the_parameters_of_its_source_may_be_given_to_a_problem() -> None:
    for short, long in (
        ("logistic(n=50, d=3)", "logistic(data=synthetic(n=50, d=3))"),
        ("lasso(n=40)", "lasso(data=synthetic(n=40, d=100, sparsity=0.9))"),
        ("network(data=moons, n=30)", "network(data=moons(n=30))"),
    ):
        one, other = build_problem(parse(short)), build_problem(parse(long))
        theta = np.linspace(-1, 1, one.dim)
        assert one.value(theta) == other.value(theta), short


def test_a_path_is_the_source_that_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a,b,y\n1,2,0\n3,1,1\n2,2,1\n0,3,0\n")
    specs = [f'logistic(data="{file}")', f'logistic(file="{file}")', f'logistic(data=table(file="{file}"))']
    values = {build_problem(parse(text)).value(np.ones(3)) for text in specs}
    assert len(values) == 1
    for text in specs:
        assert files_of(parse(text)) == [file]


def test_a_seed_reaches_the_rows_that_are_drawn_and_no_others() -> None:
    for text, expected in (
        ("logistic", "logistic(seed=3)"),
        ("network(data=moons)", "network(data=moons, seed=3)"),
        ("logistic(data=synthetic(n=50))", "logistic(data=synthetic(n=50), seed=3)"),
        ("logistic(data=synthetic(n=50, seed=1))", "logistic(data=synthetic(n=50, seed=1))"),
        ("logistic(seed=1)", "logistic(seed=1)"),
        ("logistic(data=breast_cancer)", "logistic(data=breast_cancer)"),
        ("landscape", "landscape"),
    ):
        assert str(seeded(parse(text), 3)) == expected
        build_problem(seeded(parse(text), 3))


def test_an_object_travels_by_value_and_shows_its_parameters() -> None:
    sent = supplied(GradientDescent(step=0.25))
    assert str(sent) == "GradientDescent(step=0.25)"
    assert sent.get("step") == 0.25
    assert restored(sent) == GradientDescent(step=0.25)
    assert supplied(GradientDescent(step=0.25)) == sent != supplied(GradientDescent(step=0.5))
