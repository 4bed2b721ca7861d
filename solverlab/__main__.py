"""`python -m solverlab` is `solverlab`."""

from experiments.cli.main import main

main()
