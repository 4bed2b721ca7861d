"""What the measurements and runs of `initialisation` show, in sentences."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from experiments.lab.analysis.statistics import fitted_power
from experiments.lab.measurement.measurement import MeasurementResult
from experiments.lab.spec.supplied import Named
from experiments.questions.initialisation.measured import ITERATIONS
from experiments.questions.initialisation.pictures import StartRuns, short_name

EARLY = 3  # layers before the law of tanh holds

# for an activation and an initialiser: the last signal over the first, and the first gradient over the last
Ratios = Mapping[tuple[str, str], tuple[float | None, float | None]]


def variance_ratios(networks: Sequence[MeasurementResult]) -> Ratios:
    """The ratios of mean variances over the networks of each start; None where one is zero or not finite."""
    ratios = {}
    for key in dict.fromkeys((network["activation"], network["initialiser"]) for network in networks):
        of_start = [network for network in networks if (network["activation"], network["initialiser"]) == key]
        signal, gradient = (
            np.mean([network[quantity] for network in of_start], axis=0) for quantity in ("signal", "gradient")
        )
        ratios[key] = (_ratio(signal[-1], signal[0]), _ratio(gradient[0], gradient[-1]))
    return ratios


def _ratio(over: float, under: float) -> float | None:
    return float(over / under) if under > 0 and over > 0 and np.isfinite(over / under) else None


def variance_sentences(ratios: Ratios, networks: Sequence[MeasurementResult]) -> list[str]:
    """For each activation the initialisers that keep variances most and least constant, and those that block them."""
    sentences = []
    for activation in dict.fromkeys(activation for activation, _ in ratios):
        of_activation = {initialiser: ratio for (a, initialiser), ratio in ratios.items() if a == activation}
        known = {initialiser: (s, g) for initialiser, (s, g) in of_activation.items() if s and g}
        if not known:
            continue
        off = {initialiser: max(abs(math.log10(ratio)) for ratio in pair) for initialiser, pair in known.items()}
        best, worst = min(off, key=lambda name: off[name]), max(off, key=lambda name: off[name])
        sentence = (
            f"Through {networks[0]['depth']} layers of {activation}, {best} keeps variances most constant: "
            f"{_change(*known[best])}."
        )
        if worst != best:
            sentence += f" {worst} keeps them least constant: {_change(*known[worst])}."
        if blocked := [initialiser for initialiser in of_activation if initialiser not in known]:
            sentence += f" From {', '.join(blocked)} no signal or no gradient passes."
        sentences.append(sentence)
    return sentences


def _change(signal: float, gradient: float) -> str:
    return f"that of the signal is multiplied by {signal:.2g} on its way, that of the gradient by {gradient:.2g}"


def theory_sentences(ratios: Ratios, networks: Sequence[MeasurementResult]) -> list[str]:
    """What theory predicts for signals through relu and tanh, beside what was measured."""
    sentences = []
    depth = max((network["depth"] for network in networks), default=0)
    normal, he = (ratios.get(("relu", initialiser), (None, None))[0] for initialiser in ("normal", "he"))
    if normal and he and depth > 1:
        per_layer = [ratio ** (1 / (depth - 1)) for ratio in (normal, he)]
        sentences.append(
            f"A layer of relu multiplies the variance of the signal by {per_layer[0]:.2f} from normal (theory: 0.5) "
            f"and by {per_layer[1]:.2f} from he (theory: 1)."
        )
    signals = [
        network["signal"]
        for network in networks
        if (network["activation"], network["initialiser"]) == ("tanh", "normal")
    ]
    if signals and depth > EARLY + 2:
        mean = np.mean(signals, axis=0)[EARLY:]
        layers = list(range(EARLY + 1, depth + 1))
        power = fitted_power(layers, mean.tolist()) if (mean > 0).all() else None
        if power is not None:
            sentences.append(
                "From normal, the variance of the signal through tanh is proportional to the layer to the power "
                f"{power:.2f} (theory: -1)."
            )
    return sentences


def zeros_sentences(units: Sequence[MeasurementResult]) -> list[str]:
    """Why zeros do not learn, and from which other starts units stay equal."""
    sentences = []
    for result in units:
        if result["initialiser"] == "zeros":
            count = "all are equal" if result["distinct"] == 1 else f"{result['distinct']} are distinct"
            sentences.append(
                f"From zeros with {result['activation']}, the gradients of the two layers' weights have norms "
                f"{result['first']:.2g} and {result['last']:.2g}. After {ITERATIONS} steps, of {result['units']} units "
                f"{count}, and f is {result['f']:.3g}."
            )
    others = [result for result in units if result["initialiser"] != "zeros"]
    if others:
        equal = [f"{r['initialiser']} with {r['activation']}" for r in others if r["distinct"] < r["units"]]
        exception = f", except {', '.join(equal)}," if equal else ""
        lowest = min(result["f"] for result in others)
        sentences.append(f"From every other start{exception} all units differ. The lowest f is {lowest:.3g}.")
    return sentences


def runs_sentences(starts: Sequence[StartRuns]) -> list[str]:
    """For each problem and solver the fastest and the slowest start, the failed runs, zeros, and the warm start."""
    by_solver: dict[tuple[Named, Named], list[StartRuns]] = {}
    for start in starts:
        by_solver.setdefault((start.problem, start.solver), []).append(start)
    sentences = [_of_solver(of_solver) for of_solver in by_solver.values()]
    zeros = [start for start in starts if start.initialiser == "zeros"]
    if zeros:
        successes, runs = sum(start.successes for start in zeros), sum(start.runs for start in zeros)
        sentences.append(f"From zeros {successes} of {runs} runs reach f = 0.1.")
    iterations = {start[:3]: start.iterations for start in starts if start.iterations}
    shares = [
        count / iterations[problem, solver, "xavier"]
        for (problem, solver, initialiser), count in iterations.items()
        if initialiser == "warm-start" and (problem, solver, "xavier") in iterations
    ]
    if shares:
        sentences.append(
            f"A warm start needs {median(shares):.0%} of the iterations of xavier, from which it was trained (median)."
        )
    return sentences


def _of_solver(starts: Sequence[StartRuns]) -> str:
    """The fastest and the slowest start of one solver on one problem, and the runs that fail."""
    always = [start for start in starts if start.successes == start.runs]
    reliable = sorted((start.iterations, start.initialiser) for start in always if start.iterations is not None)
    text = f"On {short_name(starts[0].problem)}, {starts[0].solver} "
    if not reliable:
        text += "does not reach f = 0.1 every time from any start."
    else:
        (fewest, fastest), (most, slowest) = reliable[0], reliable[-1]
        text += f"reaches f = 0.1 soonest from {fastest}, in {fewest:g} iterations"
        text += f", and latest from {slowest}, in {most:g} (medians)." if slowest != fastest else " (median)."
    failed = [
        f"{start.initialiser} {start.runs - start.successes} of {start.runs}"
        for start in starts
        if start.successes < start.runs
    ]
    return f"{text} Runs that fail: {', '.join(failed)}." if failed else text
