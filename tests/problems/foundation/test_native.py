"""Native functions: kept on disk, pluggable from outside, and never served stale. Each in processes of its own."""

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

pytestmark = pytest.mark.xdist_group("native")  # one cache for all

COMPILES = """
from numba.core import event
compiled = []
class Listen(event.Listener):
    def on_start(self, e): compiled.append(str(e.data))
    def on_end(self, e): pass
event.register("numba:compile", Listen())
"""
WORK = """
import numpy as np
from tests.small import PROBLEMS, problem, solver, flat
for name in ("linear-regression(n=30, d=3)", "logistic(n=40, d=3)", "xor"):
    for method in ("gradient-descent", "momentum", "nesterov", "sgd", "sgd(batch=2)", "newton"):
        on = problem(name)
        flat(solver(method).iterate(on, on.start(np.random.default_rng(0)), np.random.default_rng(0)), 3)
print("compiled", len(compiled), *compiled[:3])
"""


def run(code: str, cache: Path, folder: Path | None = None) -> str:
    path = os.pathsep.join(filter(None, [str(folder or ""), os.getcwd()]))
    environment = os.environ | {"NUMBA_CACHE_DIR": str(cache), "PYTHONPATH": path}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # Python's own cache takes two edits within a second for one
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("numba")


def test_a_second_process_compiles_nothing(cache: Path) -> None:
    assert "compiled 0" not in run(COMPILES + WORK, cache)
    assert run(COMPILES + WORK, cache).startswith("compiled 0")


OUTSIDE = '''
"""A loss that the repository does not know: log cosh."""
import numpy as np
from problems.losses import BLOCK, SLOPE, Loss
from problems.native import native

@native(SLOPE)
def slope(z, y, shape):
    return np.tanh(z - y)

@native(BLOCK)
def block(z, y, s, c, shape):
    f = 0.0
    for i in range(z.size):
        r = z[i] - y[i]
        s[i] = np.tanh(r)
        c[i] = 1.0 - s[i] * s[i]
        f += abs(r) + np.log1p(np.exp(-2.0 * abs(r))) - np.log(2.0)
    return f

log_cosh = Loss("log-cosh", slope, block, 2, curvature=1.0)
'''
USE = """
import numpy as np
from outside import log_cosh
from problems.models.linear_model import linear_model
from problems.models.rows import Rows
from tests.small import flat, solver
rng = np.random.default_rng(0)
X, y = rng.standard_normal((50, 3)), rng.standard_normal(50)
on = linear_model(Rows(X), y, log_cosh)
theta = rng.standard_normal(4)
assert abs(on.value(theta) - np.mean(np.log(np.cosh(X @ theta[:-1] + theta[-1] - y)))) < 1e-12
for method in ("gradient-descent", "sgd(schedule=inverse)", "sgd(batch=2, schedule=inverse)", "newton", "lbfgs"):
    found = flat(solver(method).iterate(on, np.zeros(4), np.random.default_rng(0)), 400)[-1]
    assert np.linalg.norm(on.gradient(found)) < 0.02, method
print("compiled", len(compiled), *compiled)
"""


def test_a_loss_from_outside_plugs_in_and_no_kernel_is_compiled_again(cache: Path, tmp_path: Path) -> None:
    run(COMPILES + WORK, cache)
    (tmp_path / "outside.py").write_text(OUTSIDE)
    first = run(COMPILES + USE, cache, tmp_path).split("\n")[0]
    assert first.startswith("compiled 2 "), "its own two functions and nothing else: " + first
    assert run(COMPILES + USE, cache, tmp_path).startswith("compiled 0")


KERNEL = """
from helper import scale
from constants import SHIFT
from problems.native import f8, native

@native(f8(f8))
def kernel(x):
    return scale(x) + SHIFT
"""
HELPER = """
from problems.native import native

@native()
def scale(x):
    return {factor} * x
"""


def test_an_edited_helper_or_constant_is_never_served_stale(cache: Path, tmp_path: Path) -> None:
    """The kernel's own file does not change; numba's own cache would serve the first result for ever."""
    (tmp_path / "kernel.py").write_text(KERNEL)
    seen = []
    for factor, shift in ((2.0, 0.0), (2.0, 0.0), (1000.0, 0.0), (1000.0, 7.0)):
        (tmp_path / "helper.py").write_text(HELPER.format(factor=factor))
        (tmp_path / "constants.py").write_text(f"SHIFT = {shift}\n")
        seen.append(
            run(COMPILES + "from kernel import kernel; print(kernel(1.0), len(compiled))", cache, tmp_path).split()
        )
    assert [value for value, _ in seen] == ["2.0", "2.0", "1000.0", "1007.0"]
    assert seen[1][1] == "0", "and what has not changed is not compiled again"


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
