"""The judge of one run: from iterates to a trace and a status."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.lab.reference.reference import Reference
from experiments.lab.run.outcome import Cause, Status
from experiments.lab.run.progress import Progress
from experiments.lab.run.stopping import Rule
from experiments.lab.run.trace import MOST_BYTES, IterateBuffer, Moment, Sample, due_after
from problems.certificates.interval.interval import LENGTHS
from problems.forms import Certified, Objective
from problems.foundation.arrays import EPS, Vector

FEWEST_DIGITS = 4.0  # that must agree with a certified answer: where rows fit closely, f alone says too little
FEWEST = 1000  # iterates before a run may be called stalled; of a sampler so many for each coefficient


class Judge:
    """Judges iterates as they come, off the clock: by f alone, never by what the solver says of itself.

    by_best: whether the solver is a sampler, whose states go up and down. Then the best state so far is judged instead
    of the last one. noisy: whether f of its iterates has a random part, so that one better iterate is no progress.
    """

    def __init__(
        self,
        problem: Objective,
        theta0: Vector,
        rule: Rule,
        reference: Reference,
        by_best: bool = False,
        noisy: bool = False,
    ) -> None:
        self.problem, self.rule, self.reference = problem, rule, reference
        self.noisy = noisy
        self.scale = reference.scale_under(rule.absolute)
        self.by_best = by_best
        self.progress = Progress(math.inf, FEWEST * theta0.size if by_best else FEWEST)
        self.status: Status | None = None  # None while the run goes on
        self.reason, self.cause = "", Cause.NONE
        self.trace: list[Sample] = []
        self.path: list[Vector] = []
        self.theta, self.shape = theta0, theta0.shape
        self.f = self.first_f = math.inf
        self.first_violation = 0.0
        self.buffer = IterateBuffer()
        self.due = 1
        self._keep(theta0[None])
        self.sample(0, Moment(theta0, 0.0, 0.0))
        self.first_f, self.first_violation = self.f, self.trace[0].violation
        self.progress.best = self._distance(self.trace[0])
        self.best_state, self.last_state = (theta0, self._value(theta0) if by_best else self.f), theta0

    @property
    def over(self) -> bool:
        return self.status is not None

    def take(self, new: NDArray[np.float64], seconds: float, passes: float) -> bool:
        """Take the next iterate, or a block of them; True when the run is over."""
        if not self.accepts(new):
            return True
        buffer, rule = self.buffer, self.rule
        buffer.add(self._best_so_far(new) if self.by_best else new, seconds, passes)
        k = min(buffer.count, rule.iterations)  # a block may go beyond the limit
        if len(self.path) < rule.keep:
            self._keep(new if new.ndim == 2 else new[None])
        while self.due <= k and self.status is None:
            self._sample_buffered(self.due)
        if buffer.bytes > MOST_BYTES and self.status is None:
            self._sample_buffered(k)
        if seconds > rule.seconds or k >= rule.iterations or (rule.passes and passes > rule.passes):
            self.end(Status.BUDGET, Cause.USED_UP, "")
        return self.status is not None

    def accepts(self, new: Any) -> bool:
        """Whether `new` is an iterate or a block of them; if not, the run has failed. A look at the header alone."""
        if (
            isinstance(new, np.ndarray)
            and new.dtype == np.float64
            and (new.shape == self.shape or (new.ndim == 2 and new.shape[1:] == self.shape and len(new) > 0))
        ):
            return True
        what = f"{new.dtype} of shape {new.shape}" if isinstance(new, np.ndarray) else type(new).__name__
        allowed = f"float64 of shape {self.shape}, or (k, {self.shape[0]}) for k iterates"
        self.give(Status.FAILED, Cause.ERROR, f"it yielded {what}; an iterate is {allowed}")
        return False

    def ended(self, why: str | None) -> None:
        """The solver stopped by itself."""
        self.end(Status.STALLED, Cause.ENDED, f"it ended by itself: {why or 'it had nothing more to yield'}")

    def end(self, status: Status, cause: Cause, reason: str) -> None:
        """The run is over: judge the last iterate, and give `status` unless that one decides otherwise."""
        last = min(self.buffer.count, self.rule.iterations)
        if last > self.trace[-1].iteration and self.status is None:
            self._sample_buffered(last)
        if self.status is None:
            self._conclude(status, cause, reason)

    def give(self, status: Status, cause: Cause, reason: str) -> None:
        """The run is over with this status, whatever its last iterate is."""
        self.status, self.cause, self.reason = status, cause, reason

    def sample(self, k: int, moment: Moment) -> Sample:
        """Judge iterate number k, and end the run where it decides that."""
        sample = self.measure(k, moment)
        self.trace.append(sample)
        if not math.isfinite(self.f):
            self.give(Status.DIVERGED, Cause.NOT_FINITE, f"f is not finite at iterate {k}")
        elif self.reference.unattained and self.problem.measures(moment.theta).get("accuracy") == 1.0:
            self.give(Status.SEPARABLE, Cause.NONE, self.reference.unattained)
        elif sample.gap < -self.rule.tolerance and self._lies_below(moment.theta, sample):
            pass
        elif self.solves(sample):
            if moment.seconds > self.rule.seconds:
                late = f"it reached the tolerance after {moment.seconds:.3g} s; the budget was {self.rule.seconds:g} s"
                self.give(Status.BUDGET, Cause.LATE, late)
            else:
                self.give(Status.SOLVED, Cause.NONE, "")
        elif not self._progresses(sample) and self.progress.stalled(k):
            self._conclude(Status.STALLED, Cause.NO_PROGRESS, f"no better than at iterate {self.progress.best_at}")
        return sample

    def _progresses(self, sample: Sample) -> bool:
        """Whether the run makes progress, seen at every iterate since the sample before.

        f of a noisy run is looked at in the samples only, and of a sampler's all states are known already.
        """
        distance = self._distance(sample)
        if self.progress.improves(sample.iteration, distance):
            return True
        if self.noisy or self.by_best or not self.buffer.blocks:
            return False
        last, before = (self.theta, self.f), self.trace[-2].iteration
        between = [self._distance(self.measure(i, self.buffer.at(i))) for i in range(before + 1, sample.iteration)]
        self.theta, self.f = last
        better = [self.progress.improves(before + 1 + i, one) for i, one in enumerate(between)]
        return self.progress.settles(sample.iteration, max(distance, *between, -math.inf)) or any(better)

    def measure(self, k: int, moment: Moment) -> Sample:
        """The sample of iterate number k, without a decision."""
        self.theta, self.f = moment.theta, self.problem.value(moment.theta)
        passes = None if math.isnan(moment.passes) else moment.passes
        violation = self.problem.violation(moment.theta)
        return Sample(k, moment.seconds, passes, (self.f - self.reference.goal) / self.scale, violation)

    def solves(self, sample: Sample) -> bool:
        """Whether the iterate just measured is within the tolerance, and agrees with a certified answer."""
        within = sample.gap <= self.rule.tolerance and sample.violation <= self.rule.tolerance
        return within and self._digits() >= FEWEST_DIGITS

    def _digits(self) -> float:
        """Digits of theta that agree with the certified answer; inf where the data carry none."""
        return self.problem.measures(self.theta).get("digits", math.inf) if self.problem.about.certified else math.inf

    def _lies_below(self, theta: Vector, sample: Sample) -> bool:
        """Whether f is below what the referee proves; if so, the run is over.

        Coefficients outside the ball within which f* is meant explain it. Inside it is a fault of the lab, if f is not
        above its float64 value by rounding.
        """
        ball = self.reference.ball
        if ball and (radii := ball.lengths(theta)) > 1:
            times = f"its theta is {radii * LENGTHS:.3g} times as long as the shortest minimiser"
            reason = f"{times}: it fits the rounding of columns that depend on each other"
            self.give(Status.OVERLONG, Cause.NONE, reason)
        elif (
            self.reference.known is None
            and sample.violation <= self.rule.tolerance
            and isinstance(self.problem, Certified)
            and self.problem.value_bound(theta) < self.reference.lower - self.rule.tolerance * self.scale
        ):
            f, lower = self.f, self.reference.lower
            self.give(Status.LOST, Cause.NONE, f"a fault of the lab: f is {f:.17g}, below its lower bound {lower:.17g}")
        else:
            return False
        return True

    def _distance(self, sample: Sample) -> float:
        """By what progress is seen: f, or where theta_0 violates the constraint the worse of gap and violation."""
        return max(sample.gap, sample.violation) if self.first_violation else self.f

    def _conclude(self, status: Status, cause: Cause, reason: str) -> None:
        """End the run with `status`, unless it diverged or f has no minimiser."""
        violation = self.trace[-1].violation
        if status is not Status.FAILED and self.first_violation:
            if violation > self.first_violation:
                status, cause = Status.DIVERGED, Cause.ROSE
                reason = f"the violation went from {self.first_violation:.6g} to {violation:.6g}; {reason}"
        elif status is not Status.FAILED and self.f > self.first_f + 4 * EPS * abs(self.first_f):
            rose = f"f went from {self.first_f:.6g} to {self.f:.6g}"
            status, cause, reason = Status.DIVERGED, Cause.ROSE, f"{rose}; {reason}" if reason else rose
        elif status is not Status.FAILED and self.reference.unattained:
            status, cause, reason = Status.SEPARABLE, Cause.NONE, self.reference.unattained
        if self.trace[-1].gap <= self.rule.tolerance and (digits := self._digits()) < FEWEST_DIGITS:
            few = f"f is within the tolerance, but only {digits:.1f} digits agree with the certified answer"
            reason = f"{few}; {reason}" if reason else few
        if status is Status.BUDGET and not reason:
            last = self.trace[-1]
            passes = "unknown" if last.passes is None else f"{last.passes:.4g}"
            reason = f"{last.iteration} iterations, {last.seconds:.3g} s, {passes} passes"
        self.give(status, cause, reason)

    def _value(self, theta: Vector) -> float:
        """f(theta), by which states are compared; inf where it is not finite or theta violates the constraint.

        A theta that is not finite itself counts as the lowest, so that it stays, and the run has diverged.
        """
        if not np.isfinite(theta).all():
            return -math.inf
        f = self.problem.value(theta)
        return f if math.isfinite(f) and self.problem.violation(theta) <= self.rule.tolerance else math.inf

    def _best_so_far(self, states: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each state the best so far, shape (k, dim): every state is evaluated, so that a crossing is exact."""
        best = np.empty_like(np.atleast_2d(states))
        for i, state in enumerate(np.atleast_2d(states)):
            if not np.array_equal(state, self.last_state):  # a rejected proposal costs nothing
                self.last_state, f = state, self._value(state)
                if f < self.best_state[1]:
                    self.best_state = state, f
            best[i] = self.best_state[0]
        return best

    def _keep(self, iterates: NDArray[np.float64]) -> None:
        self.path.extend(iterates[: max(self.rule.keep + 1 - len(self.path), 0)])

    def _sample_buffered(self, k: int) -> None:
        before = self.trace[-1].iteration
        sample = self.sample(k, self.buffer.at(k))
        if k > self.rule.keep > 0:
            self.path.append(self.theta)  # after the first iterates, those that are judged are on the path
        self.due = due_after(k)
        if self.solves(sample):
            self._cross(before, k, self.solves)
        elif not math.isfinite(self.f):
            self._cross(before, k, lambda sample: not math.isfinite(sample.gap))
        self.buffer.release(k)

    def _cross(self, before: int, after: int, crossed: Callable[[Sample], bool]) -> None:
        """End the trace at the first iterate that has crossed, given that `before` has not and `after` has.

        Found by bisection, off the clock: the next sample alone would be up to a quarter too late.
        """
        while after - before > 1:
            middle = (before + after) // 2
            if crossed(self.measure(middle, self.buffer.at(middle))):
                after = middle
            else:
                before = middle
        self.trace.pop()
        self.sample(after, self.buffer.at(after))
        if self.rule.keep:
            del self.path[after + 1 if after <= self.rule.keep else len(self.path) - 1 :]
            self.path.append(self.theta)
