"""The operations of formulas: their values and their vector-Jacobian products.

In each rule g is the derivative with respect to the value v, and x, a, b are the arguments.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from problems.graph.operation import Operation, apply


def _infix(name: str, function: Any, *vjps: Any) -> Operation:
    return Operation(name, function, vjps, infix=True)


def _function(name: str, function: Any, *vjps: Any) -> Operation:
    return Operation(name, function, vjps)


# For complex steps: numpy's absolute, maximum and minimum of complex numbers are not what a derivative needs. These
# compare real parts.
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


# Functions that only the rules use.


def _broadcast(g: Any, like: Any, axis: int | None = None) -> Any:
    """The derivative g with respect to a sum, repeated for each entry of the sum."""
    return np.broadcast_to(g if axis is None else np.expand_dims(g, axis), np.shape(like))


def _unbroadcast(g: Any, like: Any) -> Any:
    """g summed over the axes along which the argument `like` was broadcast, or itself broadcast to its shape."""
    shape, shape_of_g = np.shape(like), np.shape(g)
    if shape_of_g == shape:
        return g
    if not shape:
        return g.sum()
    if len(shape_of_g) > len(shape):
        g = np.sum(g, axis=tuple(range(len(shape_of_g) - len(shape))))
    repeated = tuple(k for k, (wanted, size) in enumerate(zip(shape, np.shape(g), strict=False)) if wanted == 1 != size)
    if np.ndim(g) == len(shape) and repeated:
        g = np.sum(g, axis=repeated, keepdims=True)
    return np.broadcast_to(g, shape)


def _scatter(g: Any, like: Any, key: Any) -> Any:
    """Zeros in the shape of `like`, with g added at `key`."""
    scattered = np.zeros(np.shape(like), np.asarray(g).dtype)
    np.add.at(scattered, key, g)
    return scattered


def _left(g: Any, a: Any, b: Any) -> Any:
    """The vector-Jacobian product of a @ b for a."""
    product = _product_axes(g, a, b) @ np.swapaxes(b[:, None] if np.ndim(b) == 1 else b, -1, -2)
    return _unbroadcast(product[..., 0, :] if np.ndim(a) == 1 else product, a)


def _right(g: Any, a: Any, b: Any) -> Any:
    """The vector-Jacobian product of a @ b for b."""
    product = np.swapaxes(a[None, :] if np.ndim(a) == 1 else a, -1, -2) @ _product_axes(g, a, b)
    return _unbroadcast(product[..., 0] if np.ndim(b) == 1 else product, b)


def _product_axes(g: Any, a: Any, b: Any) -> Any:
    """g with the axes that @ drops if an argument is a vector."""
    g = g if np.ndim(a) > 1 else np.expand_dims(g, -1 if np.ndim(b) == 1 else -2)
    return g if np.ndim(b) > 1 else np.expand_dims(g, -1)


def _piecewise_constant(name: str, function: Any, arguments: int) -> Operation:
    """An operation whose derivatives are zero almost everywhere."""
    return Operation(name, function, (None,) * arguments)


def _exponent_shift(a: Any, b: Any) -> Any:
    """What the derivative b a^(b - 1) subtracts from b: 1; but 0 where a = b = 0, so that it is 0 there, not nan."""
    return 1 if np.all(b) else np.where((a == 0) & (b == 0), 0, 1).astype(np.result_type(a, b))


GREATER: Operation = _piecewise_constant("greater", lambda a, b: np.real(a) > np.real(b), 2)
GREATER_EQUAL: Operation = _piecewise_constant("greater_equal", lambda a, b: np.real(a) >= np.real(b), 2)
SIGN: Operation = _piecewise_constant("sign", lambda x: np.sign(np.real(x)), 1)
EXPONENT_SHIFT: Operation = _piecewise_constant("exponent_shift", _exponent_shift, 2)
NONZERO: Operation = Operation("nonzero", lambda a: a + (a == 0), (lambda g, v, a: g,))  # so that 0^b log 0 is 0

UNBROADCAST: Operation = Operation(
    "unbroadcast", _unbroadcast, (lambda g, v, x, like: apply(UNBROADCAST, g, x), None), linear=True
)
BROADCAST: Operation = Operation(
    "broadcast", _broadcast, (lambda g, v, x, like, axis=None: apply(SUM, g, axis=axis), None), linear=True
)
SCATTER: Operation = Operation(
    "scatter", _scatter, (lambda g, v, x, like, key: apply(ITEM, g, key=key), None), linear=True
)
ITEM: Operation = Operation(
    "item", lambda x, key: x[key], (lambda g, v, x, key: apply(SCATTER, g, x, key=key),), linear=True
)
SUM: Operation = Operation("sum", _sum, (lambda g, v, x, axis=None: apply(BROADCAST, g, x, axis=axis),), linear=True)
TRANSPOSE: Operation = Operation("T", np.transpose, (lambda g, v, x: apply(TRANSPOSE, g),), linear=True)
MATMUL_LEFT: Operation = Operation(
    "matmul_left",
    _left,
    (lambda g, v, x, a, b: apply(MATMUL, g, b), None, lambda g, v, x, a, b: apply(MATMUL_RIGHT, x, g, b)),
    linear=True,
)
MATMUL_RIGHT: Operation = Operation(
    "matmul_right",
    _right,
    (lambda g, v, x, a, b: apply(MATMUL, a, g), lambda g, v, x, a, b: apply(MATMUL_LEFT, x, a, g), None),
    linear=True,
)
MATMUL_VJPS = (lambda g, v, a, b: apply(MATMUL_LEFT, g, a, b), lambda g, v, a, b: apply(MATMUL_RIGHT, g, a, b))
MATMUL: Operation = Operation("@", np.matmul, MATMUL_VJPS, linear=True, infix=True)
DOT: Operation = Operation("dot", _dot, MATMUL_VJPS, linear=True)

ADD: Operation = _infix("+", np.add, lambda g, v, a, b: g, lambda g, v, a, b: g)
SUBTRACT: Operation = _infix("-", np.subtract, lambda g, v, a, b: g, lambda g, v, a, b: -g)
MULTIPLY: Operation = _infix("*", np.multiply, lambda g, v, a, b: g * b, lambda g, v, a, b: g * a)
DIVIDE: Operation = _infix("/", np.true_divide, lambda g, v, a, b: g / b, lambda g, v, a, b: -g * v / b)
POWER: Operation = _infix(
    "**",
    pow,
    lambda g, v, a, b: g * b * a ** (b - apply(EXPONENT_SHIFT, a, b)),
    lambda g, v, a, b: g * v * log(apply(NONZERO, a)),
)
NEGATE: Operation = _infix("-", np.negative, lambda g, v, x: -g)
ABSOLUTE: Operation = _function("abs", _absolute, lambda g, v, x: g * apply(SIGN, x))
EXP: Operation = _function("exp", np.exp, lambda g, v, x: g * v)
LOG: Operation = _function("log", np.log, lambda g, v, x: g / x)
SQRT: Operation = _function("sqrt", np.sqrt, lambda g, v, x: g / (2 * v))
SIN: Operation = _function("sin", np.sin, lambda g, v, x: g * cos(x))
COS: Operation = _function("cos", np.cos, lambda g, v, x: -g * sin(x))
TAN: Operation = _function("tan", np.tan, lambda g, v, x: g * (1 + v * v))
ARCTAN: Operation = _function("arctan", np.arctan, lambda g, v, x: g / (1 + x * x))
TANH: Operation = _function("tanh", np.tanh, lambda g, v, x: g * (1 - v * v))
SIGMOID: Operation = _function("sigmoid", lambda x: 1 / (1 + np.exp(-x)), lambda g, v, x: g * v * sigmoid(-x))
RELU: Operation = _function("relu", lambda x: _maximum(x, 0.0), lambda g, v, x: g * apply(GREATER, x, 0.0))
MAXIMUM: Operation = _function(  # of equal arguments the second has the derivative, so that relu has 0 at 0
    "maximum", _maximum, lambda g, v, a, b: g * apply(GREATER, a, b), lambda g, v, a, b: g * apply(GREATER_EQUAL, b, a)
)
MINIMUM: Operation = _function(
    "minimum", _minimum, lambda g, v, a, b: g * apply(GREATER, b, a), lambda g, v, a, b: g * apply(GREATER_EQUAL, a, b)
)


def absolute(x: Any) -> Any:
    """|x|; its derivative at 0 is set to 0."""
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
    """The larger of x and 0; its derivative at 0 is set to 0."""
    return apply(RELU, x)


def maximum(a: Any, b: Any) -> Any:
    """The larger, entry by entry; where both are equal the derivative is that of b."""
    return apply(MAXIMUM, a, b)


def minimum(a: Any, b: Any) -> Any:
    """The smaller, entry by entry; where both are equal the derivative is that of b."""
    return apply(MINIMUM, a, b)


def dot(a: Any, b: Any) -> Any:
    """The inner product of two vectors."""
    return apply(DOT, a, b)


def matmul(a: Any, b: Any) -> Any:
    """The matrix product a @ b, of vectors, matrices or stacks of them."""
    return apply(MATMUL, a, b)
