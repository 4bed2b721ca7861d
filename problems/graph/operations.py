"""The operations of formulas: values, and slopes back by the chain rule.

In each rule g is the slope by the value v, and x, a, b are the arguments.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.graph.operation import Operation, apply


def _sign(name: str, call: Any, *back: Any) -> Operation:
    return Operation(name, call, back, sign=True)


def _plain(name: str, call: Any, *back: Any) -> Operation:
    return Operation(name, call, back)


# numpy's absolute, maximum and minimum of complex numbers have no derivative: these decide by the real part
def _absolute(x: Any) -> Any:
    return np.where(np.real(x) < 0, -x, x) if np.iscomplexobj(x) else np.abs(x)


def _maximum(a: Any, b: Any) -> Any:
    return np.where(np.real(a) > np.real(b), a, b) if np.iscomplexobj(a) or np.iscomplexobj(b) else np.maximum(a, b)


def _minimum(a: Any, b: Any) -> Any:
    return -_maximum(-a, -b)


def _sum(x: Any, axis: int | None = None) -> Any:
    return np.sum(x, axis=axis)


def _dot(a: Any, b: Any) -> Any:
    if np.ndim(a) != 1 or np.ndim(b) != 1:
        raise ValueError("dot takes two vectors")
    return np.dot(a, b)


# What a rule needs that no formula has a word for.


def _spread(g: Any, like: Any, axis: int | None = None) -> Any:
    """A sum's slope, g, for each entry that was summed up."""
    return np.broadcast_to(g if axis is None else np.expand_dims(g, axis), np.shape(like))


def _fit(g: Any, like: Any) -> Any:
    """G summed over the axes along which an argument of that shape was repeated, or repeated itself."""
    shape, own = np.shape(like), np.shape(g)
    if own == shape:
        return g
    if not shape:
        return g.sum()
    g = np.sum(g, axis=tuple(range(len(own) - len(shape)))) if len(own) > len(shape) else g
    repeated = tuple(k for k, (had, has) in enumerate(zip(shape, np.shape(g), strict=False)) if had == 1 != has)
    if np.ndim(g) == len(shape) and repeated:
        g = np.sum(g, axis=repeated, keepdims=True)
    return np.broadcast_to(g, shape)


def _scatter(g: Any, like: Any, key: Any) -> Any:
    """G at `key` of zeros."""
    out = np.zeros(np.shape(like), np.asarray(g).dtype)
    np.add.at(out, key, g)
    return out


def _left(g: Any, a: Any, b: Any) -> Any:
    """The slope by a of a @ b."""
    product = _product_axes(g, a, b) @ np.swapaxes(b[:, None] if np.ndim(b) == 1 else b, -1, -2)
    return _fit(product[..., 0, :] if np.ndim(a) == 1 else product, a)


def _right(g: Any, a: Any, b: Any) -> Any:
    """The slope by b of a @ b."""
    product = np.swapaxes(a[None, :] if np.ndim(a) == 1 else a, -1, -2) @ _product_axes(g, a, b)
    return _fit(product[..., 0] if np.ndim(b) == 1 else product, b)


def _product_axes(g: Any, a: Any, b: Any) -> Any:
    """G with the axes that @ drops where an argument is a vector."""
    g = g if np.ndim(a) > 1 else np.expand_dims(g, -1 if np.ndim(b) == 1 else -2)
    return g if np.ndim(b) > 1 else np.expand_dims(g, -1)


def _nothing(name: str, call: Any, arguments: int) -> Operation:
    """An operation through which nothing goes back: constant but for jumps."""
    return Operation(name, call, (None,) * arguments)


def _shift(a: Any, b: Any) -> Any:
    """What b a^(b - 1) takes from b: 1, but 0 where a^0 is 1 for a = 0 too."""
    return 1 if np.all(b) else np.where((a == 0) & (b == 0), 0, 1).astype(np.result_type(a, b))


ABOVE: Operation = _nothing("above", lambda a, b: np.real(a) > np.real(b), 2)
REACHES: Operation = _nothing("reaches", lambda a, b: np.real(a) >= np.real(b), 2)
DIRECTION: Operation = _nothing("direction", lambda x: np.sign(np.real(x)), 1)
SHIFT: Operation = _nothing("shift", _shift, 2)
NONZERO: Operation = Operation("nonzero", lambda a: a + (a == 0), (lambda g, v, a: g,))  # log 0 times 0^b is 0 here

FIT: Operation = Operation("fit", _fit, (lambda g, v, x, like: apply(FIT, g, x), None), linear=True)
SPREAD: Operation = Operation(
    "spread", _spread, (lambda g, v, x, like, axis=None: apply(SUM, g, axis=axis), None), linear=True
)
SCATTER: Operation = Operation(
    "scatter", _scatter, (lambda g, v, x, like, key: apply(ITEM, g, key=key), None), linear=True
)
ITEM: Operation = Operation(
    "item", lambda x, key: x[key], (lambda g, v, x, key: apply(SCATTER, g, x, key=key),), linear=True
)
SUM: Operation = Operation("sum", _sum, (lambda g, v, x, axis=None: apply(SPREAD, g, x, axis=axis),), linear=True)
TRANSPOSE: Operation = Operation("T", np.transpose, (lambda g, v, x: apply(TRANSPOSE, g),), linear=True)
LEFT: Operation = Operation(
    "left", _left, (lambda g, v, x, a, b: apply(MATMUL, g, b), None, lambda g, v, x, a, b: apply(RIGHT, x, g, b)),
    linear=True,
)  # fmt: skip
RIGHT: Operation = Operation(
    "right", _right, (lambda g, v, x, a, b: apply(MATMUL, a, g), lambda g, v, x, a, b: apply(LEFT, x, a, g), None),
    linear=True,
)  # fmt: skip
PRODUCT = (lambda g, v, a, b: apply(LEFT, g, a, b), lambda g, v, a, b: apply(RIGHT, g, a, b))
MATMUL: Operation = Operation("@", np.matmul, PRODUCT, linear=True, sign=True)
DOT: Operation = Operation("dot", _dot, PRODUCT, linear=True)

ADD: Operation = _sign("+", np.add, lambda g, v, a, b: g, lambda g, v, a, b: g)
SUBTRACT: Operation = _sign("-", np.subtract, lambda g, v, a, b: g, lambda g, v, a, b: -g)
MULTIPLY: Operation = _sign("*", np.multiply, lambda g, v, a, b: g * b, lambda g, v, a, b: g * a)
DIVIDE: Operation = _sign("/", np.true_divide, lambda g, v, a, b: g / b, lambda g, v, a, b: -g * v / b)
POWER: Operation = _sign(
    "**",
    pow,
    lambda g, v, a, b: g * b * a ** (b - apply(SHIFT, a, b)),
    lambda g, v, a, b: g * v * log(apply(NONZERO, a)),
)
NEGATE: Operation = _sign("-", np.negative, lambda g, v, x: -g)
ABSOLUTE: Operation = _plain("abs", _absolute, lambda g, v, x: g * apply(DIRECTION, x))
EXP: Operation = _plain("exp", np.exp, lambda g, v, x: g * v)
LOG: Operation = _plain("log", np.log, lambda g, v, x: g / x)
SQRT: Operation = _plain("sqrt", np.sqrt, lambda g, v, x: g / (2 * v))
SIN: Operation = _plain("sin", np.sin, lambda g, v, x: g * cos(x))
COS: Operation = _plain("cos", np.cos, lambda g, v, x: -g * sin(x))
TAN: Operation = _plain("tan", np.tan, lambda g, v, x: g * (1 + v * v))
ARCTAN: Operation = _plain("arctan", np.arctan, lambda g, v, x: g / (1 + x * x))
TANH: Operation = _plain("tanh", np.tanh, lambda g, v, x: g * (1 - v * v))
SIGMOID: Operation = _plain("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda g, v, x: g * v * sigmoid(-x))
RELU: Operation = _plain("relu", lambda x: _maximum(x, 0.0), lambda g, v, x: g * apply(ABOVE, x, 0.0))
MAXIMUM: Operation = _plain(  # where both are equal the slope is the second's, as relu's is 0 at 0
    "maximum", _maximum, lambda g, v, a, b: g * apply(ABOVE, a, b), lambda g, v, a, b: g * apply(REACHES, b, a)
)
MINIMUM: Operation = _plain(
    "minimum", _minimum, lambda g, v, a, b: g * apply(ABOVE, b, a), lambda g, v, a, b: g * apply(REACHES, a, b)
)


def absolute(x: Any) -> Any:
    """|x|; its slope at 0 is 0."""
    return apply(ABSOLUTE, x)


def exp(x: Any) -> Any:
    """e to the power of x."""
    return apply(EXP, x)


def log(x: Any) -> Any:
    """The natural logarithm."""
    return apply(LOG, x)


def sqrt(x: Any) -> Any:
    """The square root."""
    return apply(SQRT, x)


def sin(x: Any) -> Any:
    """The sine."""
    return apply(SIN, x)


def cos(x: Any) -> Any:
    """The cosine."""
    return apply(COS, x)


def tan(x: Any) -> Any:
    """The tangent."""
    return apply(TAN, x)


def arctan(x: Any) -> Any:
    """The angle whose tangent is x."""
    return apply(ARCTAN, x)


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return apply(TANH, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x)."""
    return apply(SIGMOID, x)


def relu(x: Any) -> Any:
    """The larger of x and 0; its slope at 0 is 0."""
    return apply(RELU, x)


def maximum(a: Any, b: Any) -> Any:
    """The larger, entry by entry; where both are equal the slope is b's."""
    return apply(MAXIMUM, a, b)


def minimum(a: Any, b: Any) -> Any:
    """The smaller, entry by entry; where both are equal the slope is b's."""
    return apply(MINIMUM, a, b)


def dot(a: Any, b: Any) -> Any:
    """The inner product of two vectors."""
    return apply(DOT, a, b)


def matmul(a: Any, b: Any) -> Any:
    """The matrix product a @ b, of vectors, matrices or stacks of them."""
    return apply(MATMUL, a, b)
