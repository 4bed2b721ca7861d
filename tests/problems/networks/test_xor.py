"""XOR with every model, and the same models on other points."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from experiments.lab.reference.referee import refer
from experiments.lab.spec.building import build_problem
from experiments.lab.spec.grammar import SpecError, parse
from problems.data.arrays import Arrays
from problems.networks.xor import xor
from problems.parts.activations import ACTIVATIONS
from solvers.base.driving import last_iterate
from solvers.second_order.quasi_newton import LBFGS
from tests.helpers.small_problems import problem as built


@pytest.mark.parametrize("activation", [name for name in ACTIVATIONS if name != "linear"])
def test_every_activation_solves_xor(activation: str) -> None:
    problem = built(f"xor(activation={activation}, hidden=[4, 3])")
    values = []
    for seed in range(6):
        theta = problem.start(np.random.default_rng(seed))
        values.append(problem.value(last_iterate(LBFGS(), problem, theta, 200)))
    assert min(values) < 1e-3


@pytest.mark.parametrize("model", ["features", "kernel", "kernel, kernel=polynomial"])
def test_a_linear_model_on_features_solves_xor(model: str) -> None:
    linear, problem = built("xor(model=linear)"), built(f"xor(model={model})")
    assert refer(linear).upper == pytest.approx(np.log(2), rel=1e-12)
    assert "separable" in refer(problem).unattained
    if model == "features":
        assert problem.value(np.array([200.0, 200.0, -400.0, -100.0])) < 1e-40
    assert refer(built(f"xor(model={model}, l2=0.0001)")).upper < 0.1


MODELS = ("linear", "stacked", "features", "kernel", "kernel, kernel=polynomial", "network")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "data", ["xor-points, n=40, noise=0.2", "moons, n=40", "circles, n=40", "spirals, n=40", "blobs, clusters=2, n=40"]
)
def test_every_model_takes_other_points_of_two_labels(model: str, data: str) -> None:
    """f at random theta is the mean logistic loss of what the model predicts, in plain numpy."""
    problem = built(f"xor(model={model}, data={data}, l2=0.01)")
    columns = {"features": 3, "kernel": 4, "kernel, kernel=polynomial": 4}.get(model, 2)
    source: Any = build_problem(parse(f"network(data={data}, hidden=[])"))
    X = problem.rows.X if "linear" in model or "features" in model or "kernel" in model else problem.X
    assert X.shape == (40, columns)
    if columns < 4:
        np.testing.assert_array_equal(X[:, :2], source.X)
    np.testing.assert_array_equal(problem.y, source.y)
    theta = problem.start(np.random.default_rng(0)) + 0.1
    z = problem.predict(theta, X)
    f, g = problem.value_and_gradient(theta)
    penalty = f - np.mean(np.log1p(np.exp(-problem.y * z)))
    assert 0 < penalty <= 0.005 * (theta @ theta) * (1 + 1e-12)
    assert np.isfinite(g).all()


def test_columns_of_features_and_kernels() -> None:
    """The third feature is the product of the inputs; each kernel column belongs to one of the points of XOR."""
    x = np.array([[0.0, 1.0], [3.0, -2.0]])
    y = np.array([0, 1])
    models: Any = (("features", "rbf"), ("kernel", "rbf"), ("kernel", "polynomial"))
    problems: Any = [xor(Arrays(x, y), model=model, width=0.7, kernel=kernel) for model, kernel in models]
    features, rbf, polynomial = (problem.rows.X for problem in problems)
    np.testing.assert_array_equal(features, [[0, 1, 0], [3, -2, -6]])
    squares = np.array([[1, 0, 2, 1], [13, 18, 8, 13]])  # distances to (0, 0), (0, 1), (1, 0), (1, 1)
    np.testing.assert_allclose(rbf, np.exp(-squares / (2 * 0.49)), rtol=1e-14)
    np.testing.assert_array_equal(polynomial, [[1, 4, 1, 4], [1, 1, 16, 4]])


def test_a_network_separates_moons_that_no_line_separates() -> None:
    accuracies = []
    for model in ("linear", "network, hidden=[8, 8]"):
        problem = built(f"xor(model={model}, data=moons, noise=0.02)")
        theta0 = problem.start(np.random.default_rng(0))
        theta = last_iterate(LBFGS(), problem, theta0, 500)
        accuracies.append(problem.measures(theta)["accuracy"])
    assert accuracies[0] < 0.95 < 0.99 < accuracies[1]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ("data=spirals, classes=3", "3.* two"),
        ("data=synthetic, d=3", r"synthetic\(d=3\) has 3 columns; xor needs two"),
        ("data=breast_cancer", "breast_cancer has 30 columns; xor needs two"),
        ("data=waves", "waves gives numbers; labels are needed here"),
        ("n=3", "n is 3; it must be at least 4"),
        ("width=0", "width is 0.0; it must be a positive number"),
        ("hidden=0", "hidden layer 1 is 0; it must be at least 1"),
        ("model=svm", "model is svm"),
    ],
)
def test_impossible_parameters_are_refused(parameters: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        built(f"xor({parameters})")


def test_sparse_rows_are_taken() -> None:
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    y = np.array([-1.0, 1.0, 1.0, -1.0])
    for model in ("linear", "features", "kernel", "network"):
        dense, sparse = (xor(Arrays(rows, y), model=model) for rows in (X, sp.csr_array(X)))
        theta = dense.start(np.random.default_rng(0)) + 0.1
        assert sparse.value(theta) == dense.value(theta)
