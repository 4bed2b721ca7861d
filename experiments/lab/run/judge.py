"""The judge of one run: from iterates to a trace and a status."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from experiments.lab.reference.referee import Reference
from experiments.lab.run.stopping import Rule
from experiments.lab.run.trace import MOST_BYTES, Held, Moment, Sample, due_after
from problems.forms import Objective
from problems.foundation.arrays import EPS, Vector

LEAST = 1000  # iterates before a run may be said to have stalled, a sampler's so many a coefficient
WINDOW = 10.0  # and it must have gone so many times further than its best


class Judge:
    """Judges iterates as they come, off the clock: by f alone, never by what the solver says of itself.

    by_best: whether the solver is a sampler, whose states go up and down. Then the best state so far is weighed in
    place of the last one.
    """

    def __init__(
        self, problem: Objective, theta0: Vector, rule: Rule, reference: Reference, by_best: bool = False
    ) -> None:
        self.problem, self.rule, self.reference = problem, rule, reference
        self.by_best, self.least = by_best, LEAST * theta0.size if by_best else LEAST
        self.status, self.reason, self.outside = "", "", 0.0
        self.trace: list[Sample] = []
        self.path: list[Vector] = []
        self.theta = theta0
        self.f = self.first = self.best = math.inf
        self.best_at = 0
        self.held = Held()
        self.due = 1
        self._keep(theta0[None])
        self.sample(0, Moment(theta0, 0.0, 0.0))
        self.first, self.outside = self.f, self.trace[0].violation
        self.best = self._left(self.trace[0])
        self.champion, self.state = (theta0, self._worth(theta0) if by_best else self.f), theta0

    @property
    def over(self) -> bool:
        return self.status != ""

    def take(self, new: NDArray[np.float64], seconds: float, passes: float) -> bool:
        """Hear of the next iterate, or of a block of them; True when the run is over."""
        held, rule = self.held, self.rule
        held.add(self._best_of(new) if self.by_best else new, seconds, passes)
        k = min(held.count, rule.iterations)  # a block may reach further than it was asked to
        if len(self.path) < rule.keep:
            self._keep(new if new.ndim == 2 else new[None])
        while self.due <= k and not self.status:
            self._sample_held(self.due)
        if held.bytes > MOST_BYTES and not self.status:
            self._sample_held(k)
        if seconds > rule.seconds or k >= rule.iterations or (rule.passes and passes > rule.passes):
            self.end("budget", "")
        return self.status != ""

    def ended(self, why: str | None) -> None:
        """The solver stopped by itself."""
        self.end("stalled", f"it ended by itself: {why or 'it had nothing more to yield'}")

    def end(self, status: str, reason: str) -> None:
        """The run is over: judge the last iterate, and give `status` unless that says otherwise."""
        last = min(self.held.count, self.rule.iterations)
        if last > self.trace[-1].iteration and not self.status:
            self._sample_held(last)
        if not self.status:
            self._conclude(status, reason)

    def sample(self, k: int, moment: Moment) -> Sample:
        """Judge iterate number k, and end the run where it says so."""
        sample = self.weigh(k, moment)
        self.trace.append(sample)
        if not math.isfinite(self.f):
            self.status, self.reason = "diverged", f"f is not finite at iterate {k}"
        elif self.reference.unattained and self.problem.measures(moment.theta).get("accuracy") == 1.0:
            self.status, self.reason = "separable", self.reference.unattained
        elif self.solves(sample):
            late = moment.seconds > self.rule.seconds
            self.status = "budget" if late else "solved"
            self.reason = f"it arrived after {moment.seconds:.3g} s, beyond its budget" if late else ""
        elif (left := self._left(sample)) < self.best - 2 * EPS * abs(self.best):
            self.best, self.best_at = left, k
        elif k >= max(self.least, WINDOW * self.best_at):
            self._conclude("stalled", f"no better than at iterate {self.best_at}")
        return sample

    def weigh(self, k: int, moment: Moment) -> Sample:
        """The sample that iterate number k makes, and nothing concluded from it."""
        self.theta, self.f = moment.theta, self.problem.value(moment.theta)
        passes = None if math.isnan(moment.passes) else moment.passes
        violation = self.problem.violation(moment.theta)
        return Sample(k, moment.seconds, passes, self.f - self.reference.goal, violation)

    def solves(self, sample: Sample) -> bool:
        return sample.gap <= self.rule.tolerance and sample.violation <= self.rule.tolerance

    def _left(self, sample: Sample) -> float:
        """What is left to do: f, or where theta_0 was outside the constraint the worse of gap and violation."""
        return max(sample.gap, sample.violation) if self.outside else self.f

    def _conclude(self, status: str, reason: str) -> None:
        off = self.trace[-1].violation
        if status != "failed" and self.outside:
            if off > self.outside:
                status, reason = "diverged", f"the violation went from {self.outside:.6g} to {off:.6g}; {reason}"
        elif status != "failed" and self.f > self.first + 4 * EPS * abs(self.first):
            rose = f"f went from {self.first:.6g} to {self.f:.6g}"
            status, reason = "diverged", f"{rose}; {reason}" if reason else rose
        elif status != "failed" and self.reference.unattained:
            status, reason = "separable", self.reference.unattained
        if status == "budget" and not reason:
            last = self.trace[-1]
            passes = "unknown" if last.passes is None else f"{last.passes:.4g}"
            reason = f"{last.iteration} iterates, {last.seconds:.3g} s, {passes} passes"
        self.status, self.reason = status, reason

    def _worth(self, theta: Vector) -> float:
        """f(theta), by which states are compared; inf where it is not finite or theta violates the constraint.

        A theta that is not finite itself counts as the lowest, so that it stays, and the run is diverged.
        """
        if not np.isfinite(theta).all():
            return -math.inf
        f = self.problem.value(theta)
        return f if math.isfinite(f) and self.problem.violation(theta) <= self.rule.tolerance else math.inf

    def _best_of(self, states: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each state the best so far, shape (k, dim): every state is valued, so that a crossing is exact."""
        best = np.empty_like(np.atleast_2d(states))
        for i, state in enumerate(np.atleast_2d(states)):
            if not np.array_equal(state, self.state):  # a proposal that was refused costs nothing
                self.state, f = state, self._worth(state)
                if f < self.champion[1]:
                    self.champion = state, f
            best[i] = self.champion[0]
        return best

    def _keep(self, iterates: NDArray[np.float64]) -> None:
        self.path.extend(iterates[: max(self.rule.keep + 1 - len(self.path), 0)])

    def _sample_held(self, k: int) -> None:
        before = self.trace[-1].iteration
        sample = self.sample(k, self.held.at(k))
        if k > self.rule.keep > 0:
            self.path.append(self.theta)  # past the first iterates, those judged go on the path
        self.due = due_after(k)
        if self.solves(sample):
            self._cross(before, k, self.solves)
        elif not math.isfinite(self.f):
            self._cross(before, k, lambda sample: not math.isfinite(sample.gap))
        self.held.release(k)

    def _cross(self, before: int, after: int, crossed: Callable[[Sample], bool]) -> None:
        """End the trace at the first iterate that has crossed, given that `before` has not and `after` has.

        Found by halving, off the clock: the next sample alone would have come up to a quarter too late.
        """
        while after - before > 1:
            middle = (before + after) // 2
            if crossed(self.weigh(middle, self.held.at(middle))):
                after = middle
            else:
                before = middle
        self.trace.pop()
        self.sample(after, self.held.at(after))
        if self.rule.keep:
            del self.path[after + 1 if after <= self.rule.keep else len(self.path) - 1 :]
            self.path.append(self.theta)
