"""Stationary iterations against the spectral radius of their splittings."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.linalg import norm

from problems.data.source import SystemSource
from problems.data.synthetic.matrices import Convection, Poisson
from problems.foundation.arrays import dense
from problems.systems.linear_system import PositiveDefinite
from solvers.linear_systems.stationary import SOR, GaussSeidel, Jacobi, Richardson, spectral_radius, youngs_omega
from tests.helpers.small_problems import first_iterates

SEEDS = st.integers(0, 2**32)
RELAXATIONS: tuple[Any, ...] = (Jacobi(), GaussSeidel(), SOR(1.3), Richardson(0.1))


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
        error = norm(first_iterates(method, PositiveDefinite(A, A @ exact), np.zeros(d), 4000)[-1] - exact)
    assert (error < 1e-6 * norm(exact)) == (radius < 1)


@pytest.mark.parametrize("method", [Jacobi(), GaussSeidel(), SOR(1.2), SOR(), Richardson(), Richardson(0.2)])
@pytest.mark.parametrize("source", [Poisson(size=4), Poisson(size=7), Convection(size=5, wind=3.0)], ids=str)
@pytest.mark.parametrize("form", [dense, sp.csr_array])
def test_a_sweep_multiplies_the_error_by_the_spectral_radius(method: Any, source: SystemSource, form: Any) -> None:
    """With b = 0 theta is the error itself, and rounding errors do not limit its decrease."""
    A = dense(source.load().A)
    if (isinstance(method, Richardson) or method == SOR()) and not (A == A.T).all():
        return
    d = len(A)
    system = PositiveDefinite(form(A), np.zeros(d))
    iterates = first_iterates(method, system, np.random.default_rng(1).standard_normal(d), 200)
    observed = (norm(iterates[199]) / norm(iterates[99])) ** (1 / 100)
    assert observed == pytest.approx(spectral_radius(A, method.splitting(A)), rel=0.02)


@settings(max_examples=60)
@given(seed=SEEDS, rank=st.integers(2, 4), method=st.sampled_from(RELAXATIONS[:3]))
def test_the_radius_of_a_singular_system_is_that_of_the_part_that_b_sees(seed: int, rank: int, method: Any) -> None:
    """A theta converges on dependent columns too, although theta keeps what it has along them."""
    B = np.random.default_rng(seed).standard_normal((rank, rank + 2))
    A = B.T @ B
    radius = spectral_radius(A, method.splitting(A))
    assume(0.5 < radius < 2)
    system = PositiveDefinite(A, np.zeros(len(A)))
    iterates = first_iterates(method, system, np.random.default_rng(1).standard_normal(len(A)), 40)
    errors = [norm(A @ theta) for theta in iterates]
    assert (max(errors[37:]) / max(errors[17:20])) ** (1 / 20) == pytest.approx(radius, rel=0.2)


@pytest.mark.parametrize("size", [3, 8, 15])
def test_radii_on_poisson_s_equation_are_young_s(size: int) -> None:
    A, h = Poisson(size=size).load().A.toarray(), 1 / (size + 1)
    rho = np.cos(np.pi * h)
    omega = 2 / (1 + np.sin(np.pi * h))
    assert spectral_radius(A, Jacobi().splitting(A)) == pytest.approx(rho)
    assert spectral_radius(A, GaussSeidel().splitting(A)) == pytest.approx(rho**2)
    assert youngs_omega(rho) == pytest.approx(omega)
    assert spectral_radius(A, SOR(omega).splitting(A)) == pytest.approx(omega - 1, rel=1e-3)  # a defective eigenvalue
