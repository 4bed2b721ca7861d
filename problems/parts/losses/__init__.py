"""Losses of one prediction z against one target y, as native functions.

A loss is two of them: `slope`, one row at a time, for kernels that go row by row; and `block`, for whole
passes, which adds up the losses of a block of rows and leaves slopes l'(z) and curvatures l''(z) behind.
A loss from anywhere else plugs in the same way, without a kernel being compiled again.
"""

from __future__ import annotations

from problems.parts.losses.arithmetic import exp as exp
from problems.parts.losses.arithmetic import log1p as log1p
from problems.parts.losses.kinked import absolute as absolute
from problems.parts.losses.kinked import hinge as hinge
from problems.parts.losses.kinked import huber as huber
from problems.parts.losses.kinked import quantile as quantile
from problems.parts.losses.kinked import squared_hinge as squared_hinge
from problems.parts.losses.loss import BLOCK as BLOCK
from problems.parts.losses.loss import SLOPE as SLOPE
from problems.parts.losses.loss import Loss as Loss
from problems.parts.losses.smooth import logistic as logistic
from problems.parts.losses.smooth import squared as squared
