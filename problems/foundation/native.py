"""Native functions: compiled once, cached on disk, passed to kernels as integers.

A kernel that works with any loss cannot name the loss. It takes the loss's address instead, and `caller` turns that
integer into a function inside the kernel. A call costs half a microsecond, and a user-defined loss needs no new
compilation of a kernel. An address belongs to one process: it is never stored or pickled.

numba's own cache compares the file of a function alone, so that it returns an outdated result when a module that the
file imports has changed. Here the stamp covers these modules too (`problems.foundation.source`). No other module uses
numba's internals.
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

EXACT = frozenset({"contract", "nsz"})  # keeps NaN, infinity and the order of operations
SUMS = EXACT | {"reassoc"}  # allows other orders of summation, so that a sum is vectorised


class _Stamped:
    """Stamps a cached function with its file and all modules that its module imports."""

    _module: str

    def get_source_stamp(self) -> Any:
        return super().get_source_stamp(), fingerprint(self._module)  # type: ignore[misc]

    @classmethod
    def from_function(cls, function: Any, file: str) -> Any:
        self = super().from_function(function, file)  # type: ignore[misc]
        if self is not None:
            self._module = function.__module__
        return self


class InChosenFolder(_Stamped, caching.UserProvidedCacheLocator):
    """Caches in NUMBA_CACHE_DIR if it is set."""


class BesideSource(_Stamped, caching.InTreeCacheLocator):
    """Caches in __pycache__ beside the source."""


class InUserFolder(_Stamped, caching.UserWideCacheLocator):
    """Caches in the user's cache folder if the folder of the source cannot be written."""


LOCATORS = ",".join(f"{__name__}.{c.__name__}" for c in (InChosenFolder, BesideSource, InUserFolder))


def native(signature: Any = None, *, flags: frozenset[str] = EXACT, inline: bool = False) -> Callable[[F], F]:
    """A decorator that compiles a function for one signature, or loads it from disk.

    flags      LLVM's fast-math flags; the default keeps NaN and infinity, so that a diverged run does not look finite
    signature  None for a helper, which is compiled into the kernels that call it
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
            uncached: F = njit(signature, **options)(function)  # no folder can be written: every process compiles
            return uncached
        finally:
            config.CACHE_LOCATOR_CLASSES = before

    return compile_or_load


@cache
def address(function: Any, signature: Any) -> int:
    """The address in this process of `function`, compiled for `signature`."""
    compiled = function.get_compile_result(signature)
    return int(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))


def caller(signature: Any) -> Any:
    """A native function that turns an address into a function of that signature."""
    kind = types.FunctionType(signature)

    @intrinsic
    def as_function(typing: Any, function_address: Any) -> Any:
        def generate(context: Any, builder: Any, sig: Any, args: Any) -> Any:
            function = cgutils.create_struct_proxy(kind)(context, builder)
            pointer = builder.inttoptr(args[0], ir.IntType(8).as_pointer())
            function.jit_addr = pointer
            function.c_addr = pointer
            function.py_addr = cgutils.get_null_value(function.py_addr.type)
            return function._getvalue()

        return kind(types.int64), generate

    return as_function
