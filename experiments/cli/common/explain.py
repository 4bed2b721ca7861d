"""The documentation of a catalogue name, as text."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, NamedTuple

import problems
import problems.data
import solvers
from experiments.lab.spec.grammar import SpecError, parse
from experiments.questions import TABLE
from problems.foundation.names import suggestion

CATALOGUES: dict[str, Any] = {
    "problems": problems.TABLE,
    "data": problems.data.TABLE,
    "solvers": solvers.TABLE,
    "experiments": TABLE,
}
KINDS = {"problems": "problem", "data": "data source", "solvers": "solver", "experiments": "experiment"}
FORMS = {"problems": "promises", "data": "makes", "solvers": "needs", "experiments": "needs"}


def listing(catalogue: str) -> list[dict[str, Any]]:
    """The rows of a catalogue, with their names. Nothing that they name is imported."""
    return [{"name": name, **entry._asdict()} for name, entry in CATALOGUES[catalogue].items()]


def explain(name: str) -> str:
    """The documentation of a catalogue name, with its parameters and what it needs, promises or makes.

    Raises SpecError if no catalogue has the name.
    """
    known = parse(name).name
    entries = [(catalogue, table[known]) for catalogue, table in CATALOGUES.items() if known in table]
    if not entries:
        all_names = [each for table in CATALOGUES.values() for each in table]
        raise SpecError(f"there is no {known!r}; {suggestion(known, all_names)}")
    return "\n\n\n".join(_explained(known, catalogue, row) for catalogue, row in entries)


def _explained(name: str, catalogue: str, row: NamedTuple) -> str:
    entry = row._asdict()
    module, _, attribute = entry["place"].partition(":")
    documented: Any = importlib.import_module(module)
    if attribute:
        documented = getattr(documented, attribute)
    text = inspect.getdoc(documented) or entry["summary"]
    lines = [f"{name} ({entry['family']} {KINDS[catalogue]})", "", text, ""]
    parameters = inspect.signature(documented).parameters if attribute else {}
    if attribute:
        values = parameters.values()
        shown = ", ".join(f"{p.name}={p.default}" if p.default is not p.empty else p.name for p in values)
        lines.append(f"Parameters and defaults: {shown or 'none'}")
    if catalogue == "problems" and "data" in parameters:
        lines.append("The parameters of its data source may be given to it directly: see `solverlab list data`.")
    form = FORMS[catalogue]
    lines.append(f"{form.capitalize()}: {', '.join(entry[form])}")
    if "Source:" not in text:
        lines.append(f"Source: {entry['source']}")
    lines.append(f"Where: {entry['place']}")
    return "\n".join(lines)
