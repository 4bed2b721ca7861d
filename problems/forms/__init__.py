"""The promises that a problem can make to a solver.

A form is a small abstract class, because a promise such as "symmetric positive definite" is a claim that no
list of method names can carry: inheriting states it. A form exists only where some solver needs it.

Throughout: theta has shape (dim,), float64. f(theta) = (1/n) sum_i loss(x_i . theta, y_i) + penalty(theta), the
intercept is the last coefficient and is never penalised. A problem caches nothing that a solver should pay for,
and charges its ledger for all that it is asked.
"""

from __future__ import annotations

from .composite import BasisPursuit as BasisPursuit
from .composite import Composite as Composite
from .composite import Saddle as Saddle
from .composite import TotalVariation as TotalVariation
from .ledger import NOTHING as NOTHING
from .ledger import About as About
from .ledger import Ledger as Ledger
from .objective import Certified as Certified
from .objective import Form as Form
from .objective import Objective as Objective
from .objective import missing as missing
from .smooth import NonlinearLeastSquares as NonlinearLeastSquares
from .smooth import Smooth as Smooth
from .smooth import TwiceSmooth as TwiceSmooth
from .sums import FiniteSum as FiniteSum
from .sums import LayeredModel as LayeredModel
from .sums import LinearModel as LinearModel
from .sums import MatrixModel as MatrixModel
from .sums import NativeGradient as NativeGradient
from .sums import NonnegativeModel as NonnegativeModel
from .systems import LeastSquares as LeastSquares
from .systems import LinearSystem as LinearSystem
from .systems import SeveralSides as SeveralSides
from .systems import SPDSystem as SPDSystem
from .systems import SymmetricSystem as SymmetricSystem
from .unsupervised import Clustering as Clustering
from .unsupervised import Partition as Partition
from .unsupervised import PrincipalSubspace as PrincipalSubspace
