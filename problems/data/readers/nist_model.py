"""The model that a file of NIST's StRD states, as a formula in Python's notation."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from problems.foundation.checks import DataError

FUNCTIONS = ("exp", "log", "arctan", "cos", "sin", "sqrt")


def read_model(path: Path, lines: list[str]) -> tuple[str, str]:
    """The left-hand and the right-hand side of the model, in Python's notation, without the error term."""
    start = next((k for k, line in enumerate(lines) if line.strip().startswith("Model:")), len(lines))
    statement = ""
    for line in lines[start + 1 :]:
        if re.search(r"certified|starting values", line, re.I):
            break
        if re.match(r"\s*\d+\s+Parameter", line):
            continue
        if "=" in line and not line.strip().startswith("pi"):
            statement = line
        elif statement:
            statement += line
    response, _, formula = statement.partition("=")
    for old, new in (("[", "("), ("]", ")"), ("{", "("), ("}", ")"), ("^", "**")):
        response, formula = response.replace(old, new), formula.replace(old, new)
    formula = re.sub(r"\+\s*e\s*$", "", formula.strip())
    formula = re.sub(r"[A-Za-z]+\b", lambda word: word[0].lower() if word[0].lower() in FUNCTIONS else word[0], formula)
    if not formula:
        raise DataError(f"{path}: there is no model, such as y = B0 + B1*x + e, below 'Model:'")
    return re.sub(r"\s", "", response), _without_dots(path, " ".join(formula.split()))


def _without_dots(path: Path, formula: str) -> str:
    """A sum such as `B0 + B1*x + ... + B4*(x**4)` with all terms written out."""
    before, dots, after = formula.partition("...")
    if not dots:
        return formula
    terms = [term.strip() for term in (before.strip(" +") + "+" + after.strip(" +")).split("+")]
    k = before.strip(" +").count("+")
    i, j = (re.match(r"[Bb](\d+)", term) for term in terms[k : k + 2])
    if i is None or j is None or re.sub(rf"\b{i[1]}\b|(?<=[Bb]){i[1]}\b", j[1], terms[k]) != terms[k + 1]:
        raise DataError(f"{path}: the terms that the dots in {formula!r} stand for are not clear; write all terms")
    between = [
        re.sub(rf"\b{i[1]}\b|(?<=[Bb]){i[1]}\b", str(m), terms[k]) for m in range(int(i[1]) + 1, min(int(j[1]), 100))
    ]
    return " + ".join([*terms[: k + 1], *between, *terms[k + 1 :]])


def check_model(path: Path, formula: str, parameters: tuple[str, ...], columns: tuple[str, ...]) -> None:
    """Raise DataError for text that is no formula, for unknown names in it, and for a parameter that is missing."""
    try:
        tree = ast.parse(formula, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise DataError(f"{path}: the model {formula!r} is not a formula") from None
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    unknown = sorted(used - {*parameters, *columns, *FUNCTIONS, "pi"})
    if unknown:
        raise DataError(f"{path}: the model {formula!r} contains {unknown[0]!r}, which is no parameter and no column")
    absent = [name for name in parameters if name not in used]
    if absent:
        raise DataError(f"{path}: {absent[0]} does not occur in the model {formula!r}")
