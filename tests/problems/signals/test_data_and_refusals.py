"""Basis pursuit and total variation: data from every source, missing forms and refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.lab.reference.referee import bracket
from experiments.lab.spec.grammar import SpecError
from problems.data.arrays import Arrays
from problems.data.files import Table
from problems.data.source import RowSource, Task
from problems.data.synthetic.linear import Synthetic
from problems.data.synthetic.shapes import Moons, Waves
from problems.data.synthetic.signals import PiecewiseConstant, Saturation, SparseSolution
from problems.forms import Composite, LeastSquares, LinearModel, Smooth
from problems.foundation.checks import DataError
from problems.signals.basis_pursuit import BasisPursuitProblem, basis_pursuit
from problems.signals.total_variation import Denoising, total_variation
from solvers.base import Breakdown
from solvers.composite.taut_string import TautString
from solvers.peers.scipy.linear_programs import ScipyLinprog
from tests.helpers.small_problems import answer, solver
from tests.helpers.small_problems import problem as built


@pytest.mark.parametrize(
    ("spec", "form", "sentence"),
    [
        ("basis-pursuit", Composite, "the projection onto A theta = b is not a simple prox"),
        ("basis-pursuit", Smooth, "|theta|_1 has no gradient where a coefficient is 0, and theta is constrained"),
        ("basis-pursuit", LeastSquares, "every solution of A theta = b has residual 0"),
        ("basis-pursuit", LinearModel, "f is |theta|_1, minimised over the solutions of A theta = b"),
        ("total-variation", Composite, "the prox of the total variation is this problem itself"),
        ("total-variation", Smooth, "the total variation has no gradient where neighbours are equal"),
        ("total-variation", LeastSquares, "the total variation is not a square"),
        ("total-variation", LinearModel, "it has one signal instead of rows"),
    ],
)
def test_a_missing_form_is_explained(spec: str, form: Any, sentence: str) -> None:
    assert sentence in built(spec).lacks(form)


def test_solvers_that_cannot_take_it_say_so() -> None:
    for name in ("genetic", "metropolis-hastings", "simulated-annealing", "scipy-differential-evolution"):
        assert "A theta = b" in solver(name).objection(built("basis-pursuit"))
        assert solver(name).objection(built("total-variation")) is None
    for name in ("fista", "projected-gradient"):
        assert "prox" in solver(name).objection(built("total-variation"))
    assert "total variation" in solver("taut-string").objection(built("basis-pursuit"))
    with np.errstate(all="ignore"), pytest.raises(Breakdown, match="overflow"):
        answer(TautString(), Denoising(np.array([1e308, -1e308, 1e308, 1e308]), 1.0), 4)
    contradictory = BasisPursuitProblem(np.ones((2, 3)), np.array([1.0, 2.0]))
    with pytest.raises(Breakdown, match="HiGHS finds no solution"):
        answer(ScipyLinprog(), contradictory, 3)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("basis-pursuit(nonzeros=0)", "nonzeros is 0; it must be at least 1"),
        ("basis-pursuit(n=12, d=11)", "d is 11; it must be at least 12"),
        ("total-variation(weight=0)", "weight is 0.0; it must be a positive number"),
        ("total-variation(n=1)", "n is 1; it must be at least 10"),
        ("total-variation(pieces=1001)", "n is 1000; it must be at least 1001"),
        ("total-variation(noise=-1)", "noise is -1.0; it must be zero or a positive number"),
    ],
)
def test_impossible_numbers_are_refused(spec: str, sentence: str) -> None:
    with pytest.raises(SpecError, match=sentence):
        built(spec)


def test_signals_come_from_every_source_of_one() -> None:
    """With the default weight 0.03/pieces of `piecewise-constant`, and 0.003 for signals of unknown pieces."""
    y = PiecewiseConstant(n=50, pieces=4).load(Task.SIGNAL).y
    synthetic, given = total_variation(PiecewiseConstant(n=50, pieces=4)), total_variation(Arrays(np.empty((50, 0)), y))
    np.testing.assert_array_equal(synthetic.y, given.y)
    assert (synthetic.weight, given.weight) == (0.03 / 4, 0.003)
    assert total_variation(PiecewiseConstant(n=50, pieces=4), 0.5).weight == 0.5


def test_equations_come_from_every_source_of_numbers() -> None:
    for data in (SparseSolution(n=9, d=20, nonzeros=2), Synthetic(n=6, d=9, density=0.5), Waves(n=4, d=6)):
        problem = basis_pursuit(data)
        assert bracket(problem).upper > 0
        assert problem.A.flags.c_contiguous


@pytest.mark.parametrize(
    ("factory", "data", "sentence"),
    [
        (basis_pursuit, Moons(), "moons gives labels or classes or features; numbers are needed here"),
        (basis_pursuit, Waves(n=4, outputs=2), r"waves\(n=4, outputs=2\) has 2 targets; basis-pursuit needs one"),
        (basis_pursuit, Saturation(), "no theta solves all 50 equations; the smallest relative residual is 0"),
        (total_variation, Moons(), "moons gives labels or classes or features; a signal is needed here"),
        (total_variation, Arrays(np.empty((1, 0)), np.ones(1)), "has one row; a signal needs at least two points"),
        (total_variation, Arrays(np.empty((2, 0)), np.array([1e200, 1.0])), "the squares of the signal overflow"),
    ],
)
def test_sources_without_equations_or_a_signal_are_refused(factory: Any, data: RowSource, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        factory(data)


def test_a_file_is_a_signal_or_a_set_of_equations(tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    rows = np.random.default_rng(0).standard_normal((4, 6))
    np.savetxt(path, np.round(rows, 3), delimiter=",", header="a,b,c,d,e,g", comments="")
    problem = built(f"total-variation(data={path}, target=c, weight=0.1)")
    np.testing.assert_array_equal(problem.y, np.round(rows[:, 2], 3))
    problem = built(f"basis-pursuit(data={path}, standardize=false)")
    assert problem.A.shape == (4, 5)
    assert bracket(problem).upper > 0
    np.savetxt(path, np.round(rows[:, :3], 3), delimiter=",", header="a,b,c", comments="")
    with pytest.raises(DataError, match="no theta solves all 4 equations"):
        basis_pursuit(Table(str(path), standardize=False))
    np.savetxt(path, np.round(rows * [1, 1, 1, 1, 1, 0], 3), delimiter=",", header="a,b,c,d,e,g", comments="")
    with pytest.raises(DataError, match="the target is 0 in every row"):
        basis_pursuit(Table(str(path), standardize=False))
    with pytest.raises(SpecError, match="table has no parameter 'noise'"):
        built(f"total-variation(data={path}, noise=1)")
