"""How fast a run converged, to be shown beside what theory says."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from experiments.lab.run.trace import Sample
from solvers.base import Rate


def observed_rate(trace: Sequence[Sample], floor: float, degree: int = 2) -> Rate | None:
    """The rate of the error e, the gap being like e^degree, over the later half of a run, from samples above `floor`.

    The order is read from the last four iterates, where they are consecutive. None where too few samples are left.

    >>> gaps = [(0, 1.0), (1, 0.25), (2, 0.0625), (3, 0.015625)]
    >>> observed_rate([Sample(k, 0.0, 0.0, gap) for k, gap in gaps], 0.0)
    Rate(factor=0.5, order=1, basis=<Basis.CONDITION: 'condition'>)
    """
    seen = [s for s in trace if math.isfinite(s.gap) and s.gap > floor]
    at_once = len(trace) == 2 and len(seen) == 1 and math.isfinite(trace[-1].gap)
    if at_once and trace[-1].iteration == 1:
        return Rate((max(trace[-1].gap, 0.0) / seen[0].gap) ** (1 / degree))
    if len(seen) < 2:
        return None
    last = seen[-1]
    first = next(s for s in seen if (s.iteration >= last.iteration / 2 and s is not last) or s is seen[-2])
    factor = math.exp(math.log(last.gap / first.gap) / (degree * (last.iteration - first.iteration)))
    return Rate(factor, 2 if _quadratic(seen[-4:]) else 1)


def _quadratic(samples: Sequence[Sample]) -> bool:
    """Whether the decrease of the logarithm of the gap nearly doubled from step to step, twice in a row."""
    if len(samples) < 4 or samples[-1].iteration - samples[0].iteration != 3:
        return False
    first, second, third = (math.log(later.gap / sooner.gap) for sooner, later in pairwise(samples))
    return first < 0 and second < 1.6 * first and third < 1.6 * second
