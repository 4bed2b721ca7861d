"""`solverlab new`: a small working example to change, with its test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command()
@click.argument("kind", type=click.Choice(["solver", "problem", "experiment"]))
@click.argument("name")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=".", help="Folder for both files.")
def new(kind: Any, name: str, out: Path) -> None:
    """Write a small working example to change, with its test: NAME.py and test_NAME.py."""
    from experiments.cli.common.exits import user_errors
    from experiments.cli.templates.new import write_new

    with user_errors():
        paths, command = write_new(kind, name, out)
    click.echo(f"Written: {', '.join(map(str, paths))}. Try: {command}")
