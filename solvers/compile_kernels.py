"""Compile every native function into numba's cache, so that no first run has to wait for the compiler.

python -m solvers.compile_kernels
"""

from __future__ import annotations

import importlib
import pkgutil

import problems
import solvers

PARTS = ("kernels", "losses", "neurons")  # of the names of modules whose native functions have signatures


def main() -> None:
    """Import them: a function with a signature is compiled, or loaded from the cache, when its module is imported."""
    for package in (problems, solvers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not set(PARTS).isdisjoint(module.name.split(".")) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


if __name__ == "__main__":
    main()
