"""Stationary solvers against the spectral radius of their splittings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.data.synthetic.matrices import convection, poisson
from solvers.linear_systems.stationary import SOR, GaussSeidel, Jacobi, Richardson, spectral_radius, young
from tests.helpers.small_problems import System, flat

SEEDS = st.integers(0, 2**32)
RELAXATIONS: tuple[Any, ...] = (Jacobi(), GaussSeidel(), SOR(1.3), Richardson(0.1))


def steps(method: Any, on: Any, theta0: np.ndarray, most: int) -> list[np.ndarray]:
    return flat(method.iterate(on, theta0, np.random.default_rng(0)), most)


@settings(max_examples=60)
@given(seed=SEEDS, d=st.integers(2, 6), dominance=st.floats(0.3, 3.0), method=st.sampled_from(RELAXATIONS))
def test_a_splitting_converges_if_and_only_if_its_spectral_radius_is_below_one(
    seed: int, d: int, dominance: float, method: Any
) -> None:
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((d, d))
    np.fill_diagonal(A, dominance * abs(A).sum(1))
    radius = spectral_radius(A, method.splitting(A))
    assume(abs(np.log(radius)) > 1e-2)
    exact = rng.standard_normal(d)
    with np.errstate(all="ignore"):
        last = norm(steps(method, System(A, A @ exact), np.zeros(d), 4000)[-1] - exact)
    assert (last < 1e-6 * norm(exact)) == (radius < 1)


@pytest.mark.parametrize("method", [Jacobi(), GaussSeidel(), SOR(1.2), SOR(), Richardson(), Richardson(0.2)])
@pytest.mark.parametrize("A", [poisson(4), poisson(7), poisson(7).toarray(), convection(5, 3.0)])
def test_a_sweep_multiplies_the_error_by_the_spectral_radius(method: Any, A: Any) -> None:
    """With b = 0 theta is the error itself, and no rounding ends its fall."""
    whole = A.toarray() if sp.issparse(A) else A
    if (isinstance(method, Richardson) or method == SOR()) and not (whole == whole.T).all():
        return
    d = len(whole)
    found = steps(method, System(A, np.zeros(d)), np.random.default_rng(1).standard_normal(d), 200)
    seen = (norm(found[199]) / norm(found[99])) ** (1 / 100)
    assert seen == pytest.approx(spectral_radius(whole, method.splitting(whole)), rel=0.02)


@pytest.mark.parametrize("size", [3, 8, 15])
def test_radii_on_poisson_s_equation_are_young_s(size: int) -> None:
    A, h = poisson(size).toarray(), 1 / (size + 1)
    rho = np.cos(np.pi * h)
    omega = 2 / (1 + np.sin(np.pi * h))
    assert spectral_radius(A, Jacobi().splitting(A)) == pytest.approx(rho)
    assert spectral_radius(A, GaussSeidel().splitting(A)) == pytest.approx(rho**2)
    assert young(rho) == pytest.approx(omega)
    assert spectral_radius(A, SOR(omega).splitting(A)) == pytest.approx(omega - 1, rel=1e-3)  # a defective eigenvalue
