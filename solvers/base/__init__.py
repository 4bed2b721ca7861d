"""What a solver is, and what solvers share: errors, rates, spectra, line searches."""

from solvers.base.errors import Breakdown as Breakdown
from solvers.base.errors import Refusal as Refusal
from solvers.base.solver import BlackBox as BlackBox
from solvers.base.solver import Iterates as Iterates
from solvers.base.solver import Lap as Lap
from solvers.base.solver import Note as Note
from solvers.base.solver import P as P
from solvers.base.solver import Rate as Rate
from solvers.base.solver import Solver as Solver
