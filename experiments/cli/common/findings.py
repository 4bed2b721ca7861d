"""What `solverlab check` prints."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from typing import Any

from rich.text import Text

from experiments.cli.common.terminal import console
from experiments.conformance.examine import Finding, Verdict

VERDICT_COLOURS = {Verdict.PASSED: "green", Verdict.FAILED: "bold red"}


def report_findings(findings: Iterable[Finding], silent: bool) -> list[dict[str, Any]]:
    """The findings as dictionaries. Unless `silent`, print each as soon as it is there, and their counts at the end."""
    out, records = console(), []
    for finding in findings:
        records.append(dataclasses.asdict(finding))
        if silent:
            continue
        line = Text(f"{finding.verdict:16}", style=VERDICT_COLOURS.get(finding.verdict, "dim"))
        out.print(line.append(finding.sentence, style=""), soft_wrap=True)
        if finding.observed:
            out.print(Text(f"{'':16}{finding.observed}", style="red"), soft_wrap=True)
            out.print(Text(f"{'':16}on {finding.example}"), soft_wrap=True)
    counts = Counter(record["verdict"] for record in records)
    if not silent:
        out.print(Text("\n" + ", ".join(f"{count} {verdict}" for verdict, count in counts.items())))
    return records
