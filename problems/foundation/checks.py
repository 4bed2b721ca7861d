"""Refusals of numbers and arrays, as sentences that name what is wrong, where, and what would be allowed."""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.foundation.arrays import Matrix, Vector


class DataError(ValueError):
    """Data that no problem can be made of; the sentence says which array or column, where, and why."""


def positive(**values: float | None) -> None:
    """Each value is above zero; None passes.

    >>> positive(step=-1.0)
    Traceback (most recent call last):
    ValueError: step is -1.0; it must be a positive number
    """
    _hold(values, lambda v: 0 < v < np.inf, "it must be a positive number")


def not_negative(**values: float | None) -> None:
    """Each value is zero or above; None passes."""
    _hold(values, lambda v: 0 <= v < np.inf, "it must be zero or a positive number")


def fraction(**values: float | None) -> None:
    """Each value is in [0, 1); None passes."""
    _hold(values, lambda v: 0 <= v < 1, "it must be at least 0 and less than 1")


def at_least(least: float, **values: float | None) -> None:
    """Each value is at least `least`; None passes."""
    _hold(values, lambda v: least <= v < np.inf, f"it must be at least {least:g}")


def _hold(values: dict[str, float | None], test: Any, rule: str) -> None:
    for name, value in values.items():
        if value is not None and not test(value):
            raise ValueError(f"{name} is {value}; {rule}")


def _numbers(array: Any, name: str, axes: int) -> Any:
    if isinstance(array, np.ma.MaskedArray):
        raise DataError(f"{name} is a masked array; fill or drop the masked entries first")
    numbers = np.asarray(array)
    if numbers.dtype.kind not in "biuf":
        raise DataError(f"{name} holds {numbers.dtype} values; it must hold real numbers")
    if numbers.ndim != axes:
        raise DataError(f"{name} has {numbers.ndim} axes, shape {numbers.shape}; it must have {axes}")
    return np.require(numbers, np.float64, ["C", "W"])


def as_rows(X: Any, y: Any) -> tuple[Matrix, Vector]:
    """X as float64 (n, d), C-contiguous, and y as float64 (n,); a DataError where they are anything else."""
    X, y = _numbers(X, "X", 2), _numbers(y, "y", 1)
    if X.shape[0] == 0 or X.shape[1] == 0:
        raise DataError(f"X has shape {X.shape}; at least one row and one column are needed")
    if len(y) != len(X):
        raise DataError(f"y has {len(y)} entries and X has {len(X)} rows; they must be as many")
    for name, array in (("X", X), ("y", y)):
        bad = np.argwhere(~np.isfinite(array))
        if len(bad):
            where = ", ".join(f"{axis} {k}" for axis, k in zip(("row", "column"), bad[0], strict=False))
            raise DataError(f"{name} is {array[tuple(bad[0])]} at {where}; every entry must be finite")
    return X, y


def as_labels(y: Vector) -> Vector:
    """y as -1 and 1, the smaller of its two values being -1; a DataError where it has not exactly two."""
    values = np.unique(y)
    if len(values) != 2:
        shown = ", ".join(f"{v:g}" for v in values[:5]) + (", ..." if len(values) > 5 else "")
        raise DataError(f"y has {len(values)} different values ({shown}); two classes are needed")
    return np.where(y == values[1], 1.0, -1.0)


def as_classes(y: Vector) -> Vector:
    """y as 0, 1, 2 and so on in the order of its values; a DataError where these are no classes."""
    values, codes = np.unique(y, return_inverse=True)
    if not 1 < len(values) <= most_classes(len(y)):
        raise DataError(
            f"y has {len(values)} different values in {len(y)} rows; "
            f"there must be at least 2 classes, and {most_classes(len(y))} at most"
        )
    return codes.astype(np.float64)


def most_classes(rows: int) -> int:
    """How many different values so many rows may have and still be classes: ten, or a fifth of the rows."""
    return max(10, rows // 5)
