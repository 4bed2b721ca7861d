"""One self-contained HTML page from results: verdicts first, then figures, failures and provenance."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from experiments.figures.records import Figure, Picture, short
from experiments.figures.style import DARK, DASHES, LIGHT, MARKS
from experiments.lab.analysis.advice import advice
from experiments.lab.analysis.results import Result, Row
from experiments.lab.analysis.verdict import duration, factor, percent
from experiments.lab.analysis.why import why
from experiments.lab.experiment import Answer
from experiments.lab.store.store import plain
from solvers import everyone


@dataclass(frozen=True)
class Section:
    """One run on the page."""

    result: Result
    answer: Answer

    @property
    def failures(self) -> list[tuple[Row, str]]:
        """Every row that ran and was not solved, with what may mend it."""
        lost = [row for row in self.result.rows if row.status not in ("solved", "skipped")]
        return [(row, advice(row, self.result.references.get(row.problem))) for row in lost]

    @property
    def skipped(self) -> list[Row]:
        return [row for row in self.result.rows if row.status == "skipped"]


def write_page(path: Path, sections: Sequence[Section]) -> Path:
    """Write the page of some runs to `path`."""
    environment = Environment(
        loader=PackageLoader("experiments", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"duration": duration, "factor": factor, "percent": percent}
    environment.filters |= {"short": short, "base64": _base64, "why": why}
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


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _hash(script: str) -> str:
    """What a content security policy knows an inline script by."""
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
    """The figure as JSON holds it, to six digits, which no eye tells from sixteen."""

    def rounded(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value:.6g}")
        if isinstance(value, list):
            return [rounded(item) for item in value]
        if isinstance(value, dict):
            return {key: rounded(item) for key, item in value.items()}
        return value

    if isinstance(figure, Picture):
        return {"kind": figure.kind}  # the page holds it as it is
    return rounded(plain(asdict(figure) | {"kind": figure.kind}))
