"""What kind of method a solver is, where that decides which statements hold for it."""

from __future__ import annotations

from enum import StrEnum


class Trait(StrEnum):
    """A property of a method that a class states in `Solver.traits`. `solverlab check` tests what follows from it."""

    FIXED_STEP = "fixed step"  # `step` multiplies whole gradients: with a quadratic f it must stay below a limit
    STOCHASTIC = "stochastic"  # each step reads some of the rows: a constant step leaves a noise floor
    EPOCHS = "epochs"  # an iteration reads every row
    KRYLOV = "krylov"  # it ends after as many iterations as the matrix has distinct eigenvalues
    CONJUGATE = "conjugate directions"  # its error in the norm of the matrix never increases
    SQUARES_CONDITION = "squares the condition number"  # it forms B'B: its error grows like the square of cond(B)
    SAMPLES = "samples"  # its states are samples of the density exp(-f/temperature)
