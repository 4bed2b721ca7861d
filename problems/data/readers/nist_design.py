"""The design matrix of a linear model from its formula: exact fractions, then split into float64 and the rest."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from problems.data.readers.nist import NistFile, split_decimals
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import DataError

OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
HIGHEST_POWER = 100  # of a predictor


@dataclass(frozen=True)
class Design:
    """The rows of a linear model without their column of ones, and the certified theta = (w, b)."""

    X: Matrix  # (n, d)
    y: Vector
    X_low: Matrix  # what rounding to float64 removed from X
    y_low: Vector  # what rounding to float64 removed from y
    intercept: bool
    columns: tuple[str, ...]  # the parameter that belongs to each column of X
    certified: tuple[float, ...]


def design(file: NistFile) -> Design:
    """The factor of each parameter in the file's linear model, for each row. Raises DataError if it is not linear."""
    if file.kind != "linear":
        raise DataError(f"{file.path} contains a nonlinear model, {file.formula}; use the problem curve(file=...)")
    if "(" in file.response:
        raise DataError(f"{file.path}: the model predicts {file.response}, whose values are not exact decimals")
    tree = ast.parse(file.formula, mode="eval").body
    columns = _columns(file, tree)
    ones = [name for name, column in columns.items() if all(entry == 1 for entry in column)]
    intercept = ones[:1]
    kept = [name for name in file.parameters if name not in intercept]
    if not kept:
        raise DataError(f"{file.path}: the model {file.formula!r} has no predictor")
    try:
        X, X_low = split_decimals(list(zip(*(columns[name] for name in kept), strict=True)))
    except OverflowError:
        raise DataError(f"{file.path}: the powers in {file.formula!r} are beyond the range of float64") from None
    certified = dict(zip(file.parameters, file.certified.tolist(), strict=True))
    in_order = tuple(certified[name] for name in (*kept, *intercept))
    return Design(X, file.y, X_low, file.y_low, bool(intercept), tuple(kept), in_order)


def _columns(file: NistFile, tree: ast.expr) -> dict[str, list[Fraction]]:
    """For each parameter: the model in each row, with this parameter 1 and the others 0."""
    zero = dict.fromkeys(file.parameters, Fraction(0))
    columns: dict[str, list[Fraction]] = {name: [] for name in file.parameters}
    for row in file.exact:
        known = zero | dict(zip(file.columns, row[1:], strict=True))

        def at(values: Mapping[str, Fraction], known: Mapping[str, Fraction] = known) -> Fraction:
            try:
                return _value(tree, {**known, **values})
            except ZeroDivisionError:
                raise DataError(f"{file.path}: the model {file.formula!r} divides by zero") from None
            except ArithmeticError as error:
                raise DataError(f"{file.path}: the model {file.formula!r} contains {error}") from None

        factors = {name: at({name: Fraction(1)}) for name in file.parameters}
        trial = {name: Fraction(k + 2) for k, name in enumerate(file.parameters)}
        if at({}) != 0 or at(trial) != sum(trial[name] * factors[name] for name in trial):
            raise DataError(f"{file.path}: the model {file.formula!r} is not linear in its parameters")
        for name, factor in factors.items():
            columns[name].append(factor)
    return columns


def _value(node: ast.expr, known: Mapping[str, Fraction]) -> Fraction:
    """The value of a formula of sums, products, quotients and integer powers; ArithmeticError names anything else."""
    match node:
        case ast.Name(id=name) if name in known:
            return known[name]
        case ast.Constant(value=int(value)):
            return Fraction(value)
        case ast.Constant(value=float()):
            return Fraction(ast.unparse(node))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, known)
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(power))) if 0 <= power <= HIGHEST_POWER:
            return _value(base, known) ** power
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left, known), _value(right, known))
    raise ArithmeticError(f"{ast.unparse(node)}, which is not exact; sums, products, quotients and integer powers are")
