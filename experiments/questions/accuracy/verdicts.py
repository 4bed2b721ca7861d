"""What the measured digits show, in sentences."""

from __future__ import annotations

import math
from statistics import mean, median

from experiments.lab.spec.grammar import spec
from experiments.questions.accuracy.scores import (
    Measured,
    answers,
    conditions,
    correct_digits,
    expected_digits,
    label,
    scores,
    worthless,
)
from problems.foundation.digits import MOST_DIGITS

QR, NORMAL_EQUATIONS = spec("qr"), spec("normal-equations", refine=False)
LEVEL = 0.2  # digits within which two means are level
AGREEMENT = 1.5  # digits within which theory is met
MOST_NAMED = 4  # solvers that one sentence lists


def sentences(measured: Measured) -> list[str]:
    """All sentences that the measurements support."""
    candidates = [
        most_digits(measured),
        cost_of_squaring(measured),
        cost_of_residuals(measured),
        worthless_answers(measured),
        agreement_with_theory(measured),
    ]
    return [sentence for sentence in candidates if sentence]


def most_digits(measured: Measured) -> str:
    """Which solver keeps the most digits on average, and which the fewest, of those that take the most problems."""
    most_taken = max(len(scores(on_problems)) for on_problems in measured.values())
    means = {
        solver: mean(taken.values())
        for solver, on_problems in measured.items()
        if len(taken := scores(on_problems)) == most_taken
    }
    best, worst = max(means, key=lambda solver: means[solver]), min(means, key=lambda solver: means[solver])
    hardest, fewest = min(scores(measured[best]).items(), key=lambda pair: pair[1])
    broke = correct_digits(measured[best][hardest]) is None
    at_worst = f"it breaks down on {label(hardest)}" if broke else f"{fewest:.1f} at worst, on {label(hardest)}"
    text = (
        f"Over {most_taken} problems with exact answers, {best} keeps the most digits: {means[best]:.1f} on average; "
        f"{at_worst}."
    )
    level = [str(solver) for solver in means if solver != best and means[best] - means[solver] <= LEVEL]
    if level:
        text += f" Level with it, within {LEVEL:g} digits, {'is' if len(level) == 1 else 'are'} {', '.join(level)}."
    return text if worst == best else f"{text} {worst} keeps the fewest, {means[worst]:.1f} on average."


def cost_of_squaring(measured: Measured) -> str | None:
    """How many digits the normal equations lose against QR; None where they cannot be compared."""
    normal = {problem: correct_digits(result) for problem, result in measured.get(NORMAL_EQUATIONS, {}).items()}
    qr = {
        problem: digits
        for problem, result in measured.get(QR, {}).items()
        if (digits := correct_digits(result)) is not None
    }
    lost = {problem: qr[problem] - digits for problem, digits in normal.items() if problem in qr and digits is not None}
    if not lost:
        return None
    middle, largest = median(lost.values()), max(lost, key=lambda problem: lost[problem])
    text = (
        f"Without refinement the normal equations keep {abs(middle):.1f} digits "
        f"{'fewer' if middle >= 0 else 'more'} than QR, by the median of the {len(lost)} problems that both solve"
    )
    text += f"; they lose up to {lost[largest]:.1f}, on {label(largest)}." if lost[largest] > 0 else "."
    known = conditions(measured)
    broken = [known.get(problem, math.inf) for problem, digits in normal.items() if problem in qr and digits is None]
    if not broken:
        return text
    return (
        f"{text} On {len(broken)} more, with condition numbers of {min(broken):.1g} or more, they break down and QR "
        "does not."
    )


def cost_of_residuals(measured: Measured) -> str | None:
    """What Wampler's growing residuals cost QR and the normal equations; None where they were not measured."""
    parts = []
    for solver, name in ((QR, "QR goes"), (NORMAL_EQUATIONS, "the normal equations without refinement go")):
        small, large = (correct_digits(measured.get(solver, {}).get(spec("wampler", set=k))) for k in (3, 5))
        if small is not None and large is not None:
            parts.append(f"{name} from {small:.1f} correct digits to {large:.1f}")
    return f"When Wampler's residuals become 10,000 times as large, {' and '.join(parts)}." if parts else None


def worthless_answers(measured: Measured) -> str:
    """Which solvers return answers without a correct digit, and do not report a failure."""
    poor = {solver: count for solver, on_problems in measured.items() if (count := worthless(on_problems))}
    if not poor:
        return "No solver returns an answer without a correct digit."
    ranked = sorted(poor, key=lambda solver: -poor[solver])
    named = ", ".join(f"{s} ({poor[s]} of its {len(answers(measured[s]))})" for s in ranked[:MOST_NAMED])
    more = f" and {len(ranked) - MOST_NAMED} more" if len(ranked) > MOST_NAMED else ""
    return f"These solvers return answers without a correct digit, and no warning: {named}{more}."


def agreement_with_theory(measured: Measured) -> str | None:
    """Which solvers keep about 16 - log10 k digits on Hilbert's systems, and which about 16 - 2 log10 k."""
    close: dict[int, dict[str, float]] = {1: {}, 2: {}}  # by the power of k: the mean deviation of each solver
    for solver, on_problems in measured.items():
        inside = [
            (result["condition"], digits)
            for problem, result in on_problems.items()
            if problem.name == "hilbert" and 0 < (digits := correct_digits(result) or 0.0) < MOST_DIGITS
        ]
        if len(inside) < 3:
            continue
        deviation = {
            power: mean(abs(digits - expected_digits(condition, power)) for condition, digits in inside)
            for power in close
        }
        nearest = min(deviation, key=lambda power: deviation[power])
        if deviation[nearest] <= AGREEMENT:
            close[nearest][str(solver)] = deviation[nearest]
    parts = []
    for power, formula in ((1, "16 - log10 k"), (2, "16 - 2 log10 k")):
        if near := close[power]:
            names = f"{len(near)} solvers" if len(near) > 3 else " and ".join(near)
            keep = "keeps" if len(near) == 1 else "keep"
            parts.append(f"{names} {keep} about {formula} digits, within {max(near.values()):.1f}")
    return f"On Hilbert's systems, on average, {'; '.join(parts)}." if parts else None
