"""How the command line ends: its exit codes, and errors of the user as one sentence."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from problems.foundation.errors import UserError

EXIT_INTERNAL, EXIT_USAGE, EXIT_FAILED, EXIT_NOTHING_SOLVED, EXIT_UNREADABLE = 1, 2, 3, 4, 5


@contextmanager
def user_errors() -> Iterator[None]:
    """Print an error that a user can fix as one sentence on stderr, and exit with its code."""
    try:
        yield
    except UserError as error:
        from problems.foundation.checks import DataError

        click.echo(f"solverlab: {error}", err=True)
        sys.exit(EXIT_UNREADABLE if isinstance(error, DataError) else EXIT_USAGE)
