"""How many faults the tests notice: a seeded sample of mutants, each run against the tests that cover it.

    python benchmarks/mutants.py [--seed 0] [--sample 300]

mutmut writes the mutants of the folders that `[tool.mutmut]` of pyproject.toml names into `mutants/`, and records which
tests call which function. The share of killed mutants counts a mutant that no test covers as one that survived.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import click
from mutmut.stats import status_by_exit_code

ROOT = Path(__file__).resolve().parents[1]
WITHOUT_MATCH = "a-name-that-no-mutant-has"
NOTICED = {"killed", "timeout", "segfault", "caught by type check"}


def run_mutmut(names: list[str]) -> subprocess.CompletedProcess[str]:
    """Run mutmut on the mutants of these names, two at a time."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2", *names]
    mutants = ROOT / "mutants"
    mutants.mkdir(exist_ok=True)  # Python remembers that a folder on its path does not exist
    environment = os.environ | {"PYTHONPATH": str(mutants)}  # worker processes import the mutants too
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def exit_codes() -> dict[str, int | None]:
    """The last exit code of the tests for each mutant, by its name."""
    found: dict[str, int | None] = {}
    for file in sorted((ROOT / "mutants").rglob("*.meta")):
        found |= json.loads(file.read_text())["exit_code_by_key"]
    return found


@click.command()
@click.option("--seed", default=0, show_default=True, help="Of the sample.")
@click.option("--sample", default=300, show_default=True, help="The number of mutants.")
def main(seed: int, sample: int) -> None:
    """Print the share of sampled mutants that the tests kill, and the ones that survive."""
    written = run_mutmut([WITHOUT_MATCH])
    names = sorted(exit_codes())
    if "nothing matches" not in written.stdout + written.stderr or not names:
        output = written.stdout[-4000:] + written.stderr[-4000:]
        sys.exit(f"mutmut wrote no mutants, or the tests fail without one:\n{output}")
    chosen = sorted(random.Random(seed).sample(names, min(sample, len(names))))
    ended = run_mutmut(chosen)
    codes = exit_codes()
    statuses = {name: status_by_exit_code[codes[name]] for name in chosen}
    if "not checked" in statuses.values():
        sys.exit(f"mutmut ended early:\n{ended.stdout[-4000:]}{ended.stderr[-4000:]}")
    noticed = sum(status in NOTICED for status in statuses.values())
    for name, status in statuses.items():
        if status not in NOTICED:
            print(f"{status}: {name}")
    counts = ", ".join(f"{count} {status}" for status, count in Counter(statuses.values()).most_common())
    print(f"{noticed / len(chosen):.1%} of {len(chosen)} of {len(names)} mutants, seed {seed}: {counts}")


if __name__ == "__main__":
    main()
