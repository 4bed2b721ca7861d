"""What a catalogue name stands for, in words."""

from __future__ import annotations

import importlib
import inspect
from typing import Any, NamedTuple

import problems
import solvers
from experiments.lab.spec.grammar import SpecError, parse
from experiments.questions import TABLE
from problems.foundation.names import meant

CATALOGUES: dict[str, Any] = {"solvers": solvers.TABLE, "problems": problems.TABLE, "experiments": TABLE}


def listing(catalogue: str) -> list[dict[str, Any]]:
    """One catalogue's rows, with their names, as plain data; reads the table alone."""
    return [{"name": name, **entry._asdict()} for name, entry in CATALOGUES[catalogue].items()]


def _entries(name: str) -> list[tuple[str, NamedTuple]]:
    """Each catalogue that has the name, with its row: a problem and an experiment may share one."""
    if found := [(catalogue, table[name]) for catalogue, table in CATALOGUES.items() if name in table]:
        return found
    raise SpecError(f"there is no {name!r}; {meant(name, [n for table in CATALOGUES.values() for n in table])}")


def explain(name: str) -> str:
    """The documentation of a solver, a problem or an experiment, with its parameters and what it needs or promises."""
    return "\n\n\n".join(_explained(name, catalogue, row) for catalogue, row in _entries(parse(name).name))


def _explained(name: str, catalogue: str, row: NamedTuple) -> str:
    entry = row._asdict()
    module, _, attribute = entry["place"].partition(":")
    thing: Any = importlib.import_module(module)
    if attribute:
        thing = getattr(thing, attribute)
    lines = [f"{name} ({entry['family']} {catalogue[:-1]})", "", inspect.getdoc(thing) or entry["summary"], ""]
    if attribute:
        parameters = inspect.signature(thing).parameters.values()
        shown = ", ".join(f"{p.name}={p.default}" if p.default is not p.empty else p.name for p in parameters)
        lines.append(f"Parameters and defaults: {shown or 'none'}")
    word = "promises" if catalogue == "problems" else "needs"
    lines.append(f"{word.capitalize()}: {', '.join(entry[word])}")
    lines.append(f"Where: {entry['place']}")
    return "\n".join(lines)
