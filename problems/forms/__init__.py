"""The promises that a problem can make to a solver.

A form is a small abstract class. A problem makes a promise such as "symmetric positive definite" by inheriting from
it; a list of method names could not state that. A form exists only because some solver needs it.

Conventions: theta has shape (dim,), float64. f(theta) = (1/n) sum_i loss(x_i . theta, y_i) + penalty(theta). The
intercept is the last coefficient and is never penalised. A problem caches nothing that a solver should pay for, and
counts every call of an oracle in its ledger.
"""

from __future__ import annotations

from problems.forms.composite import BasisPursuit as BasisPursuit
from problems.forms.composite import Composite as Composite
from problems.forms.composite import Saddle as Saddle
from problems.forms.composite import TotalVariation as TotalVariation
from problems.forms.ledger import Ledger as Ledger
from problems.forms.objective import Certified as Certified
from problems.forms.objective import Form as Form
from problems.forms.objective import Objective as Objective
from problems.forms.objective import missing as missing
from problems.forms.smooth import NonlinearLeastSquares as NonlinearLeastSquares
from problems.forms.smooth import Smooth as Smooth
from problems.forms.smooth import TwiceSmooth as TwiceSmooth
from problems.forms.sums import FiniteSum as FiniteSum
from problems.forms.sums import LayeredModel as LayeredModel
from problems.forms.sums import LinearModel as LinearModel
from problems.forms.sums import MatrixModel as MatrixModel
from problems.forms.sums import NativeGradient as NativeGradient
from problems.forms.sums import NonnegativeModel as NonnegativeModel
from problems.forms.systems import LeastSquares as LeastSquares
from problems.forms.systems import LinearSystem as LinearSystem
from problems.forms.systems import MultipleRightHandSides as MultipleRightHandSides
from problems.forms.systems import SPDSystem as SPDSystem
from problems.forms.systems import SymmetricSystem as SymmetricSystem
from problems.forms.unsupervised import Clustering as Clustering
from problems.forms.unsupervised import Partition as Partition
from problems.forms.unsupervised import PrincipalSubspace as PrincipalSubspace
from problems.foundation.about import NOTHING as NOTHING
from problems.foundation.about import About as About
