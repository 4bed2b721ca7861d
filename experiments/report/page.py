"""One HTML page that needs no other file: verdicts first, then figures, tables, failures and provenance."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.figures.records import Figure, Picture
from experiments.figures.style import DARK, DASHES, LIGHT, MARKS
from experiments.lab.analysis.advice import advice
from experiments.lab.analysis.formats import duration, percent, rate_text, table_cell
from experiments.lab.analysis.results import CellResult, Result, theta_error
from experiments.lab.analysis.why import why
from experiments.lab.experiment import Answer
from experiments.lab.reference.reference import Reference
from experiments.lab.store.records import plain
from solvers import everyone


@dataclass(frozen=True)
class Section:
    """One run on the page."""

    result: Result
    answer: Answer

    @property
    def failures(self) -> list[tuple[CellResult, str]]:
        """Every row that ran and is not solved, with advice."""
        unsolved = [row for row in self.result.rows if not row.solved and not row.skipped]
        return [(row, advice(row, self.result.references.get(row.problem))) for row in unsolved]

    @property
    def skipped(self) -> list[CellResult]:
        return [row for row in self.result.rows if row.skipped]


def write_page(path: Path, sections: Sequence[Section]) -> Path:
    """Write the page of these runs to `path`, and return the path."""
    environment = Environment(
        loader=PackageLoader("experiments", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    formats = {"duration": duration, "rate_text": rate_text, "percent": percent, "table_cell": table_cell}
    environment.filters |= {
        **formats,
        "base64": _base64,
        "bounds": bounds,
        "why": why,
        "theta_error": theta_error,
        "sentence": sentence,
    }
    here = files(__package__)
    plotly = (files("plotly") / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    scripts = [plotly, *((here / name).read_text(encoding="utf-8") for name in ("plots.js", "page.js"))]
    text = environment.get_template("page.html").render(
        sections=sections,
        style=(here / "page.css").read_text(encoding="utf-8"),
        scripts=scripts,
        hashes=[_hash(script) for script in scripts],
        data=_data(sections),
    )
    path.write_text(text, encoding="utf-8")
    return path


def bounds(reference: Reference) -> str:
    """What is known of f*, as a sentence.

    >>> bounds(Reference(lower=0.5, upper=0.5 + 2e-9, dim=3))
    'The referee proves that f* is at least 0.5, and at most 2e-09 more.'
    """
    if reference.known is None:
        return f"The referee proves that f* is at least {reference.lower:.8g}, and at most {reference.width:.2g} more."
    if math.isinf(reference.lower):
        return f"The lowest f found is {reference.known:.8g}; no lower bound on f* is proven."
    return f"The lowest f found is {reference.known:.8g}; the referee proves that f* is at least {reference.lower:.8g}."


def sentence(text: str) -> str:
    """With a capital and a full stop.

    >>> sentence("gap = f - f*")
    'Gap = f - f*.'
    """
    return f"{text[:1].upper()}{text[1:]}."


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _hash(script: str) -> str:
    """The hash by which a content security policy allows an inline script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _data(sections: Sequence[Section]) -> dict[str, Any]:
    figures = [_rounded(figure) for section in sections for figure in section.answer.figures]
    return {
        "figures": figures,
        "solvers": list(everyone()),
        "light": LIGHT,
        "dark": DARK,
        "dashes": DASHES,
        "marks": MARKS,
    }


def _rounded(figure: Figure) -> Any:
    """The figure as JSON holds it, with numbers to six digits: a drawing shows no more."""

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.6g}")
        if isinstance(value, list):
            return [rounded(item) for item in value]
        if isinstance(value, dict):
            return {key: rounded(item) for key, item in value.items()}
        return value

    if isinstance(figure, Picture):
        return {"kind": figure.kind}  # the page embeds its SVG
    return rounded(plain(asdict(figure) | {"kind": figure.kind}))
