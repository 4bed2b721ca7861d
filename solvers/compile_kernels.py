"""Compile every native function into numba's cache, so that no first run waits for it.

python -m solvers.compile_kernels
"""

from __future__ import annotations

import importlib
import pkgutil

import problems
import solvers

FOLDERS = ("kernels", "losses", "neurons")  # whose modules hold functions with signatures


def main() -> None:
    """Import them: a function with a signature is compiled, or found in the cache, as its module is read."""
    for package in (problems, solvers):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not set(FOLDERS).isdisjoint(module.name.split(".")) and not module.name.endswith("__main__"):
                importlib.import_module(module.name)


if __name__ == "__main__":
    main()
