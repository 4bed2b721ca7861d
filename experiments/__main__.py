"""`python -m experiments` is `solverlab`."""

from experiments.cli import main

main()
