"""The result of a comparison or an experiment, as a program or a notebook uses it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from experiments.figures.records import Figure, ResultTable
from experiments.lab.analysis.formats import table_cell
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Answer
from experiments.report.files import as_json, records
from problems.foundation.names import suggestion

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Canvas

SHOWN = ("solver", "status", "seconds_to_tolerance", "iterations", "gap", "why")  # in a notebook


@dataclass(frozen=True)
class Report:
    """What was run, and what it shows."""

    result: Result
    answer: Answer

    @property
    def verdicts(self) -> Sequence[str]:
        """The sentences that the numbers support."""
        return self.answer.verdicts

    @property
    def rows(self) -> Sequence[CellResult]:
        """One for each problem, solver and seed, whatever became of it."""
        return self.result.rows

    @property
    def figures(self) -> Sequence[Figure]:
        return self.answer.figures

    @property
    def tables(self) -> Sequence[ResultTable]:
        return self.answer.tables

    def frame(self) -> pd.DataFrame:
        """The rows as a pandas DataFrame, the fastest solver of each problem first; of an experiment without cells its
        measurements.
        """
        import pandas as pd

        if not self.rows:
            return pd.DataFrame([measured.record() for measured in self.result.measurements])
        order = {problem: k for k, problem in enumerate(self.result.problems)}
        ranked = sorted(range(len(self.rows)), key=lambda k: (order[self.rows[k].problem], self.rows[k].merit))
        rows = records(self.result)
        return pd.DataFrame([rows[k] for k in ranked])

    def plot(self, kind: str | None = None, *, name: str | None = None, x: str | None = None) -> Canvas:
        """One figure as a matplotlib Figure: the first of that kind and name.

        kind: such as "convergence". x: of a convergence figure "seconds", "iterations" or "passes"; all three by
        default. Raises ValueError, which names what there is.
        """
        from experiments.figures.drawing import canvas

        matching = [
            figure
            for figure in self.figures
            if (kind is None or figure.kind == kind) and (name is None or figure.name == name)
        ]
        if not matching:
            requested = kind if name is None else name
            known = dict.fromkeys(figure.kind if name is None else figure.name for figure in self.figures)
            raise ValueError(
                f"there is no figure {requested!r}; {suggestion(str(requested), known) if known else 'there are none'}"
            )
        return canvas(matching[0], x)

    def to_json(self) -> dict[str, Any]:
        """Verdicts, rows, references, environment and the schema's version, as `--json` prints them."""
        return as_json(self.result, self.answer)

    def __repr__(self) -> str:
        sentences = "\n".join(f"  - {sentence}" for sentence in self.verdicts)
        return f"<Report of {self.result.name}: {len(self.rows)} rows>\n{sentences}"

    def _repr_html_(self) -> str:
        """The verdicts and the ranked rows, for a notebook."""
        sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in self.verdicts)
        frame = self.frame()
        columns = [column for column in ("problem", *SHOWN) if column in frame] or list(frame)
        if len(self.result.problems) == 1:
            columns = [column for column in columns if column != "problem"]
        table = frame[columns].map(table_cell).to_html(index=False, escape=True, border=0)
        return f"<ul>{sentences}</ul>{table}"
