"""Random formulas as text."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

NAMES = ("x", "y", "z")
SEEDS = st.integers(0, 2**32)
LEAVES = st.one_of(st.sampled_from(NAMES), st.sampled_from(["2", "0.5", "-1.5", "pi", "3"]))


def larger_formulas(inner: Any) -> Any:
    """Formulas that contain smaller ones. A kink, where the complex step is not valid, has probability 0."""
    one = st.sampled_from(["exp", "sin", "cos", "tan", "arctan", "tanh", "sigmoid", "relu", "abs", "-"])
    two = st.sampled_from(["({} + {})", "({} - {})", "({} * {})", "({} / {})", "maximum({}, {})", "minimum({}, {})"])
    return st.one_of(
        st.builds("{}({})".format, one, inner),
        st.builds(lambda form, a, b: form.format(a, b), two, inner, inner),
        st.builds("log(1 + ({})**2)".format, inner),
        st.builds("sqrt(0.3 + ({})**2)".format, inner),
        st.builds("(1.5 + sin({}))**{}".format, inner, inner),
        st.builds("({})**{}".format, inner, st.sampled_from(["2", "3", "-1", "0"])),
    )


FORMULAS = st.recursive(LEAVES, larger_formulas, max_leaves=12)
