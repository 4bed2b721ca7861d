"""Networks on rows from every source, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from experiments.lab.spec.grammar import SpecError
from problems.data import TABLE
from problems.data.arrays import Arrays
from problems.data.bundled import Linnerud
from problems.data.files import Nist, Table
from problems.forms import NonlinearLeastSquares
from problems.networks.network import Network
from problems.networks.problem import network
from tests.helpers.nist_files import polynomial
from tests.helpers.small_problems import problem as built

CASES = (
    ("network", "squared", 1),
    ("network(outputs=3)", "squared", 3),
    ("network(data=moons)", "logistic", 1),
    ("network(data=circles)", "logistic", 1),
    ("network(data=spirals)", "logistic", 1),
    ("network(data=spirals, classes=3)", "softmax", 3),
    ("network(data=spirals(classes=4), loss=squared)", "squared", 4),
    ("network(data=blobs, n=100)", "softmax", 5),
    ("network(data=xor-points, n=100, noise=0.1)", "logistic", 1),
    ("network(data=synthetic, n=100)", "squared", 1),
    ("network(data=synthetic, n=100, outputs=2)", "squared", 2),
    ("network(data=synthetic, n=100, density=0.2)", "squared", 1),
    ("network(data=synthetic, n=100, classes=4, loss=cross-entropy)", "softmax", 4),
    ("network(data=saturation, n=100)", "squared", 1),
    ("network(data=sparse-solution, n=100)", "squared", 1),
    ("network(data=diabetes)", "squared", 1),
    ("network(data=breast_cancer)", "logistic", 1),
    ("network(data=breast_cancer, loss=squared)", "squared", 1),
    ("network(data=iris)", "softmax", 3),
    ("network(data=iris, loss=squared)", "squared", 3),
    ("network(data=wine)", "softmax", 3),
    ("network(data=digits, hidden=16)", "softmax", 10),
)


@pytest.mark.parametrize(("spec", "loss", "outputs"), CASES)
def test_data_and_loss_determine_the_outputs(spec: str, loss: str, outputs: int) -> None:
    problem = built(spec)
    assert (problem.loss.name, problem.widths[-1]) == (loss, outputs)
    assert isinstance(problem, NonlinearLeastSquares) == (loss == "squared")
    assert isinstance(problem, Network)
    assert problem.n >= 100
    assert np.isfinite(problem.value(problem.start(np.random.default_rng(0))))


def test_every_source_of_numbers_or_classes_is_tested() -> None:
    sources = {spec.split("data=")[1].split(",")[0].split("(")[0].strip(")") for spec, _, _ in CASES if "data=" in spec}
    possible = {name for name, entry in TABLE.items() if {"numbers", "classes"} & set(entry.makes)}
    assert possible - sources == {"waves", "linnerud", "table", "nist", "arrays"}  # the default; and the tests below


def test_networks_on_arrays_in_memory() -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((30, 2))
    for y, loss, outputs in (
        (X[:, 0] ** 2, "squared", 1),
        (X**2, "squared", 2),
        (X[:, 0] > 0, "logistic", 1),
        (np.array(["a", "b", "c"])[np.arange(30) % 3], "softmax", 3),
    ):
        for rows in (X, sp.csr_array(X)):
            problem = network(Arrays(rows, y), hidden=3)
            assert (problem.loss.name, problem.widths) == (loss, (2, 3, outputs))
            np.testing.assert_array_equal(problem.X, X)
            assert np.isfinite(problem.gradient(problem.start(rng))).all()


def test_networks_on_a_file_of_nist_s_and_on_several_targets(tmp_path: Any) -> None:
    file = tmp_path / "line.dat"
    file.write_text(polynomial([str(k) for k in range(1, 13)], [f"{k * k}.5" for k in range(1, 13)], 1))
    problem = network(Nist(str(file)), hidden=3)
    np.testing.assert_array_equal(problem.X[:, 0], np.arange(1, 13))
    np.testing.assert_array_equal(problem.y, np.arange(1, 13) ** 2 + 0.5)
    assert network(Linnerud(outputs=3), hidden=2).y.shape == (20, 3)
    table = tmp_path / "several.csv"
    table.write_text("p,q,r\n" + "".join(f"{k},{k * k},{k % 3}\n" for k in range(9)))
    several = network(Table(str(table), target=("q", "r"), standardize=False), hidden=2)
    np.testing.assert_array_equal(several.y[:, 0], np.arange(9) ** 2)
    assert (several.widths, several.about.columns) == ((1, 2, 2), ("p",))


def test_networks_on_a_user_s_file(tmp_path: Any) -> None:
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 2))
    for name, y, loss in (
        ("numbers", X[:, 0] * X[:, 1], "squared"),
        ("two", np.where(X[:, 0] > 0, "yes", "no"), "logistic"),
        ("three", np.array(["a", "b", "c"])[np.arange(40) % 3], "softmax"),
    ):
        file = tmp_path / f"{name}.csv"
        rows = "\n".join(f"{a},{b},{c}" for (a, b), c in zip(X.tolist(), y.tolist(), strict=True))
        file.write_text(f"p,q,r\n{rows}\n")
        problem = network(Table(str(file)), hidden=3)
        assert problem.loss.name == loss
        assert problem.about.columns == ("p", "q")
        problem.gradient(problem.start(rng))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ("data=moons, d=3", "moons has no parameter 'd'"),
        ("data=digits, noise=0.5", "digits has no parameter 'noise'"),
        ("data=moon", "'moon'; did you mean moons"),
        (
            "data=diabetes, loss=cross-entropy",
            "loss is cross-entropy, but diabetes has numbers as targets; they need the squared loss",
        ),
        ("data=waves(n=9), loss=cross-entropy", r"loss is cross-entropy, but waves\(n=9\) has numbers as targets"),
        ("data=spectral", "spectral gives features; classes are needed here"),
        ("data=piecewise-constant", "piecewise-constant gives signal; classes are needed here"),
        ("data=poisson", "poisson is a system A theta = b; a source of rows is needed"),
        ("hidden=[4, 0]", "hidden layer 2 is 0; it must be at least 1"),
        ("l2=-1", "l2 is -1.0; it must be zero or a positive number"),
        ("data=spirals, classes=1", "classes is 1; it must be at least 2"),
        ("data=spirals, classes=5, n=3", "n is 3; it must be at least 5"),
        ("weights=theta.npy", "weights are for initialiser=warm-start, not xavier"),
    ],
)
def test_impossible_networks_are_refused(parameters: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        built(f"network({parameters})")
