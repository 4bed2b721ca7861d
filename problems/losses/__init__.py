"""Losses of one prediction z against one target y, as native functions.

A loss is two of them: `slope`, one row at a time, for kernels that go row by row; and `block`, for whole
passes, which adds up the losses of a block of rows and leaves slopes l'(z) and curvatures l''(z) behind.
A loss from anywhere else plugs in the same way, without a kernel being compiled again.
"""

from __future__ import annotations

from .arithmetic import exp as exp
from .arithmetic import log1p as log1p
from .kinked import absolute as absolute
from .kinked import hinge as hinge
from .kinked import huber as huber
from .kinked import quantile as quantile
from .kinked import squared_hinge as squared_hinge
from .loss import BLOCK as BLOCK
from .loss import SLOPE as SLOPE
from .loss import Loss as Loss
from .smooth import logistic as logistic
from .smooth import squared as squared
