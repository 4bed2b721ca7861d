"""Native functions: cached on disk, never outdated, and user-defined ones need no new kernels.

Each test runs its own processes.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from problems.parts.losses import logistic
from problems.parts.rows import Rows

pytestmark = pytest.mark.xdist_group("native")  # the tests share one cache

COMPILES = """
from numba.core import event
compiled = []
class Listen(event.Listener):
    def on_start(self, e): compiled.append(str(e.data))
    def on_end(self, e): pass
event.register("numba:compile", Listen())
"""
WORK = """
from itertools import islice
from experiments.lab.spec.building import build_problem, build_solver
from experiments.lab.spec.grammar import parse
from solvers.base.driving import iterates
for name in ("linear-regression(n=30, d=3)", "logistic(n=40, d=3)", "xor"):
    for method in ("gradient-descent", "momentum", "nesterov", "sgd", "sgd(batch=2)", "newton"):
        list(islice(iterates(build_solver(parse(method)), build_problem(parse(name))), 3))
"""
REPORT = """
print("compiled", len(compiled), *compiled)
"""


def run(code: str, folder: Path | None = None) -> str:
    path = os.pathsep.join(filter(None, [str(folder or ""), os.getcwd()]))
    environment = os.environ | {"PYTHONPATH": path}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # Python's bytecode cache misses a second edit within one second
    process = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def compiled() -> None:
    """Every kernel of WORK is in the cache on disk."""
    run(WORK)


@pytest.mark.usefixtures("compiled")
def test_a_second_process_compiles_nothing() -> None:
    assert run(COMPILES + WORK + REPORT).startswith("compiled 0")


OUTSIDE = '''
"""A loss that Solver Lab does not have: log cosh."""
import numpy as np
from problems.foundation.native import native
from problems.parts.losses import BLOCK_TOTAL, DERIVATIVE, Loss

@native(DERIVATIVE)
def derivative(z, y, shape):
    return np.tanh(z - y)

@native(BLOCK_TOTAL)
def block_total(z, y, first, second, shape):
    f = 0.0
    for i in range(z.size):
        r = z[i] - y[i]
        first[i] = np.tanh(r)
        second[i] = 1.0 - first[i] * first[i]
        f += abs(r) + np.log1p(np.exp(-2.0 * abs(r))) - np.log(2.0)
    return f

log_cosh = Loss("log-cosh", derivative, block_total, 2, curvature=1.0)
'''
USE = """
import numpy as np
from outside import log_cosh
from experiments.lab.spec.building import build_solver
from experiments.lab.spec.grammar import parse
from problems.linear.model_chain import linear_model
from problems.parts.rows import Rows
from solvers.base.driving import last_iterate
rng = np.random.default_rng(0)
X, y = rng.standard_normal((50, 3)), rng.standard_normal(50)
problem = linear_model(Rows(X), y, log_cosh)
theta = rng.standard_normal(4)
assert abs(problem.value(theta) - np.mean(np.log(np.cosh(X @ theta[:-1] + theta[-1] - y)))) < 1e-12
for method in ("gradient-descent", "sgd(schedule=inverse)", "sgd(batch=2, schedule=inverse)", "newton", "lbfgs"):
    theta = last_iterate(build_solver(parse(method)), problem, np.zeros(4), 400)
    assert np.linalg.norm(problem.gradient(theta)) < 0.02, method
"""


@pytest.mark.usefixtures("compiled")
def test_a_user_defined_loss_works_and_no_kernel_is_compiled_again(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text(OUTSIDE)
    first = run(COMPILES + USE + REPORT, tmp_path).split("\n")[0]
    assert first.startswith("compiled 2 "), "the two functions of the loss and nothing else: " + first
    assert run(COMPILES + USE + REPORT, tmp_path).startswith("compiled 0")


KERNEL = """
from helper import scale
from constants import SHIFT
from problems.foundation.native import f8, native

@native(f8(f8))
def kernel(x):
    return scale(x) + SHIFT
"""
HELPER = """
from problems.foundation.native import native

@native()
def scale(x):
    return {factor} * x
"""


def test_an_edit_of_a_helper_or_a_constant_is_never_missed(tmp_path: Path) -> None:
    """The file of the kernel does not change, so that numba's own cache would return the first result for ever."""
    (tmp_path / "kernel.py").write_text(KERNEL)
    outputs = []
    for factor, shift in ((2.0, 0.0), (2.0, 0.0), (1000.0, 0.0), (1000.0, 7.0)):
        (tmp_path / "helper.py").write_text(HELPER.format(factor=factor))
        (tmp_path / "constants.py").write_text(f"SHIFT = {shift}\n")
        outputs.append(run(COMPILES + "from kernel import kernel; print(kernel(1.0), len(compiled))", tmp_path).split())
    assert [value for value, _ in outputs] == ["2.0", "2.0", "1000.0", "1007.0"]
    assert outputs[1][1] == "0", "without a change nothing is compiled again"


def test_an_address_is_never_pickled() -> None:
    assert all(address > 0 for address in logistic.addresses)
    assert str(logistic.addresses[0]).encode() not in pickle.dumps(logistic, protocol=0)


def test_the_fused_pass_is_the_plain_expression() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 3, 4, 255, 256, 257, 1000):
        X, y, theta = rng.standard_normal((n, 5)), np.sign(rng.standard_normal(n)), 3 * rng.standard_normal(6)
        rows = Rows(X)
        total, g, h = rows.fused(theta, y, logistic)
        z = rows @ theta
        p = 1 / (1 + np.exp(y * z))
        np.testing.assert_allclose(total, np.logaddexp(0, -y * z).sum(), rtol=1e-13)
        np.testing.assert_allclose(g, rows.transposed(-y * p), rtol=1e-11, atol=1e-12)
        np.testing.assert_allclose(h, p * (1 - p), rtol=1e-11, atol=1e-15)
