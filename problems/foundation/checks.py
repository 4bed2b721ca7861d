"""Checks of numbers and arrays. An error sentence names what is wrong, where, and what would be allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from problems.foundation.arrays import Matrix, Vector
from problems.foundation.errors import UserError


class DataError(UserError):
    """Data that no problem can use; the sentence says which array or column, where, and why."""


def positive(**values: float | None) -> None:
    """Each value is above zero; None passes.

    >>> positive(step=-1.0)
    Traceback (most recent call last):
    ValueError: step is -1.0; it must be a positive number
    """
    _check(values, lambda v: 0 < v < np.inf, "it must be a positive number")


def not_negative(**values: float | None) -> None:
    """Each value is zero or above; None passes."""
    _check(values, lambda v: 0 <= v < np.inf, "it must be zero or a positive number")


def fraction(**values: float | None) -> None:
    """Each value is in [0, 1); None passes."""
    _check(values, lambda v: 0 <= v < 1, "it must be at least 0 and less than 1")


def at_least(least: float, **values: float | None) -> None:
    """Each value is at least `least`; None passes."""
    _check(values, lambda v: least <= v < np.inf, f"it must be at least {least:g}")


def _check(values: dict[str, float | None], allowed: Callable[[float], bool], rule: str) -> None:
    for name, value in values.items():
        if value is not None and not allowed(value):
            raise ValueError(f"{name} is {value}; {rule}")


def as_rows(X: Any, y: Any) -> tuple[Matrix, Vector]:
    """X as float64, shape (n, d), C-contiguous, and y as float64, shape (n,) or (n, outputs); all entries finite.

    Raises DataError for anything else.
    """
    X, y = _numbers(X, "X", 2), _numbers(y, "y", 1, 2)
    if 0 in X.shape:
        raise DataError(f"X has shape {X.shape}; at least one row and one column are needed")
    _same_length(X, y)
    return _finite(X, "X"), _finite(y, "y")


def as_sparse_rows(X: Any, y: Any) -> tuple[Any, Vector]:
    """X as a float64 CSR array, shape (n, d), and y as float64, shape (n,) or (n, outputs); all entries finite.

    Raises DataError for anything else.
    """
    X, y = sp.csr_array(X), _numbers(y, "y", 1, 2)
    if X.dtype.kind not in "biuf":
        raise DataError(f"X holds {X.dtype} values; it must hold real numbers")
    if 0 in X.shape:
        raise DataError(f"X has shape {X.shape}; at least one row and one column are needed")
    _same_length(X, y)
    X = X.astype(np.float64)
    wrong = np.flatnonzero(~np.isfinite(X.data))
    if len(wrong):
        row = np.searchsorted(X.indptr, wrong[0], side="right") - 1
        place = f"row {row}, column {X.indices[wrong[0]]}"
        raise DataError(f"X is {X.data[wrong[0]]} at {place}; every entry must be finite")
    return X, _finite(y, "y")


def as_labels(y: Any, name: str = "y") -> Vector:
    """y, shape (n,), numbers or text, as -1 and 1: the smaller of its two values becomes -1.

    Raises DataError, which starts with `name`, if there are not exactly two values.
    """
    values, codes = _values(y, name)
    if len(values) != 2:
        shown = ", ".join(map(class_name, values[:5])) + (", ..." if len(values) > 5 else "")
        count = "one class" if len(values) == 1 else f"{len(values)} classes"
        raise DataError(f"{name} holds {count} ({shown}); two are needed")
    return np.where(codes == 1, 1.0, -1.0)


def as_classes(y: Any, name: str = "y") -> Vector:
    """y, shape (n,), numbers or text, as 0, 1, 2 and so on, in the order of its values.

    Raises DataError, which starts with `name`, if there are too few or too many values.
    """
    values, codes = _values(y, name)
    if not 1 < len(values) <= most_classes(len(y)):
        count = "one value" if len(values) == 1 else f"{len(values)} different values"
        raise DataError(
            f"{name} holds {count} in {len(y)} rows; "
            f"there must be at least 2 classes, and {most_classes(len(y))} at most"
        )
    classes: Vector = codes.astype(np.float64)
    return classes


def class_name(value: Any) -> str:
    """A class as sentences show it: 1 rather than 1.0."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _values(y: Any, name: str) -> tuple[Any, Any]:
    """The different values of y in ascending order, and the index of each entry among them."""
    try:
        values, codes = np.unique(np.asarray(y), return_inverse=True)
    except TypeError:
        raise DataError(f"{name} holds values that cannot be ordered, such as numbers and text; use one type") from None
    return values, codes


def most_classes(rows: int) -> int:
    """The largest number of different values that are still taken for classes: ten, or a fifth of the rows."""
    return max(10, rows // 5)


def _numbers(array: Any, name: str, *axes: int) -> Any:
    """The array as float64, C-contiguous and writeable; a DataError unless it has one of these numbers of axes."""
    if isinstance(array, np.ma.MaskedArray):
        raise DataError(f"{name} is a masked array; fill or drop the masked entries first")
    numbers = np.asarray(array)
    if numbers.dtype.kind not in "biuf":
        raise DataError(f"{name} holds {numbers.dtype} values; it must hold real numbers")
    if numbers.ndim not in axes:
        allowed = " or ".join(map(str, axes))
        raise DataError(f"{name} has {numbers.ndim} axes, shape {numbers.shape}; it must have {allowed}")
    return np.require(numbers, np.float64, ["C", "W"])


def _same_length(X: Any, y: Vector) -> None:
    if len(y) != X.shape[0]:
        raise DataError(f"y has {len(y)} entries and X has {X.shape[0]} rows; the two numbers must be equal")


def _finite(array: Any, name: str) -> Any:
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        place = ", ".join(f"{axis} {k}" for axis, k in zip(("row", "column"), wrong[0], strict=False))
        raise DataError(f"{name} is {array[tuple(wrong[0])]} at {place}; every entry must be finite")
    return array
