"""Native functions: compiled once, kept on disk, handed to kernels as integers.

A kernel that is to work with any loss cannot name the loss. It takes the address of one instead, and `caller`
turns that integer back into a function inside the kernel: half a microsecond a call, cached on disk, and a loss
from outside needs no kernel compiled again. An address belongs to one process: it is never stored or pickled.

numba's own cache looks at the file of a function alone and serves a stale result when a module that the file
imports has changed. Here the stamp covers all of them (`problems.foundation.source`). This module is the only one that
leans on numba's internals.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numba
from llvmlite import ir
from numba.core import caching, types
from numba.core import cgutils as untyped_cgutils
from numba.extending import intrinsic

from problems.foundation.source import fingerprint

F = TypeVar("F", bound=Callable[..., Any])
njit: Any = numba.njit
config: Any = numba.config
cgutils: Any = untyped_cgutils

f8, i8, u8 = types.float64, types.int64, types.uint64
F1, F2 = f8[::1], f8[:, ::1]
I1, U1 = i8[::1], u8[::1]

EXACT = frozenset({"contract", "nsz"})  # keeps NaN and infinity, and the order of operations
SUMS = EXACT | {"reassoc"}  # lets a plain sum run in lanes


class _Stamped:
    """The stamp of a cached function: its file and everything that its module imports."""

    _module: str

    def get_source_stamp(self) -> Any:
        return super().get_source_stamp(), fingerprint(self._module)  # type: ignore[misc]

    @classmethod
    def from_function(cls, function: Any, file: str) -> Any:
        self = super().from_function(function, file)  # type: ignore[misc]
        if self is not None:
            self._module = function.__module__
        return self


class Chosen(_Stamped, caching.UserProvidedCacheLocator):
    """In NUMBA_CACHE_DIR, where that is set."""


class BesideSource(_Stamped, caching.InTreeCacheLocator):
    """In __pycache__ beside the source."""


class PerUser(_Stamped, caching.UserWideCacheLocator):
    """In the user's cache folder, where the source cannot be written beside."""


LOCATORS = ",".join(f"{__name__}.{c.__name__}" for c in (Chosen, BesideSource, PerUser))


def native(signature: Any = None, *, flags: frozenset[str] = EXACT, inline: bool = False) -> Callable[[F], F]:
    """Compile a function for one signature, or load it from disk.

    `flags` are LLVM's fast-math flags. The defaults keep NaN and infinity: a diverged run must not look finite.
    Without a signature the function is a helper, compiled into the kernels that call it.
    """

    def compile_or_load(function: F) -> F:
        options = {"error_model": "numpy", "fastmath": set(flags), "inline": "always" if inline else "never"}
        if signature is None:
            helper: F = njit(**options)(function)
            return helper
        before = config.CACHE_LOCATOR_CLASSES
        config.CACHE_LOCATOR_CLASSES = LOCATORS
        try:
            compiled: F = njit(signature, cache=True, **options)(function)
            return compiled
        except RuntimeError as error:
            if "cannot cache" not in str(error):
                raise
            uncached: F = njit(signature, **options)(function)  # no folder can be written: compiled in every process
            return uncached
        finally:
            config.CACHE_LOCATOR_CLASSES = before

    return compile_or_load


@cache
def address(function: Any, signature: Any) -> int:
    """Where `function`, compiled for `signature`, lies in this process."""
    compiled = function.get_compile_result(signature)
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


def caller(signature: Any) -> Any:
    """A native function that turns an address into a callable of `signature`."""
    kind = types.FunctionType(signature)

    @intrinsic
    def as_function(typing: Any, where: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            function = cgutils.create_struct_proxy(kind)(context, builder)
            pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
            function.jit_addr = pointer
            function.c_addr = pointer
            function.py_addr = cgutils.get_null_value(function.py_addr.type)
            return function._getvalue()

        return kind(types.int64), generate

    return as_function
