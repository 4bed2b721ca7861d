"""Losses of one prediction z against one target y, as native functions.

A loss consists of two native functions: `derivative`, for kernels that process one row at a time; and `block_total`,
for whole passes, which returns the sum of the losses of a block of rows and writes their derivatives l'(z) and second
derivatives l''(z). A user-defined loss has the same form, and no kernel is compiled again for it.
"""

from __future__ import annotations

from problems.parts.losses.arithmetic import exp as exp
from problems.parts.losses.arithmetic import log1p as log1p
from problems.parts.losses.kinked import absolute as absolute
from problems.parts.losses.kinked import hinge as hinge
from problems.parts.losses.kinked import huber as huber
from problems.parts.losses.kinked import quantile as quantile
from problems.parts.losses.kinked import squared_hinge as squared_hinge
from problems.parts.losses.loss import BLOCK_TOTAL as BLOCK_TOTAL
from problems.parts.losses.loss import DERIVATIVE as DERIVATIVE
from problems.parts.losses.loss import Loss as Loss
from problems.parts.losses.smooth import logistic as logistic
from problems.parts.losses.smooth import squared as squared
