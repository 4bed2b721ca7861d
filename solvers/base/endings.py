"""Why a method ended by itself: the sentences that several methods return."""

from __future__ import annotations

DIRECT = "a direct method gives its answer in one iteration"
UNCHANGED = "a step changes theta by no more than rounding errors"
RESIDUAL_AT_ROUNDING = "the residual that the recurrence updates is at the level of rounding errors"
