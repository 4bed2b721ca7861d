"""What a solver is, and what solvers share: errors, rates, traits, recurrences, spectra and line searches."""

from solvers.base.black_box import BlackBox as BlackBox
from solvers.base.black_box import Callback as Callback
from solvers.base.black_box import Run as Run
from solvers.base.errors import Breakdown as Breakdown
from solvers.base.errors import Refusal as Refusal
from solvers.base.rate import Basis as Basis
from solvers.base.rate import Rate as Rate
from solvers.base.recurrence import Recurrence as Recurrence
from solvers.base.solver import Iterates as Iterates
from solvers.base.solver import P as P
from solvers.base.solver import Solver as Solver
from solvers.base.traits import Trait as Trait
