"""`python -m solverlab` is `solverlab`."""

from __future__ import annotations

import sys

from solverlab.own_packages import load


def main() -> None:
    """The console script."""
    try:
        load()
    except ImportError as error:
        print(f"solverlab: {error}", file=sys.stderr)
        sys.exit(2)
    try:
        from experiments.cli.main import main as command
    except KeyboardInterrupt:
        print("Interrupted before anything was run.", file=sys.stderr)
        sys.exit(130)
    command()


if __name__ == "__main__":
    main()
