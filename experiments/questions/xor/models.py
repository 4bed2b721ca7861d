"""Who is to learn XOR: models with the solvers that try, and how often each came through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.lab.analysis.proportion import Tally, tally
from experiments.lab.analysis.results import Result, Row
from experiments.lab.experiment import Options
from problems.parts.activations import ACTIVATIONS
from problems.parts.initialisers import INITIALISERS

LINEAR = ("xor(model=linear)", "xor(model=stacked)")
MADE = ("xor(model=features)", "xor(model=kernel)", "xor(model=kernel, kernel=polynomial)")
NEURONS = ("perceptron", "adaline", "gradient-descent", "lbfgs", "newton")  # the first two take no stack
WIDE = ("gradient-descent", "lbfgs")
BOTH = ("tanh", "relu")
SOLVERS = (
    "gradient-descent", "momentum", "sgd", "adam(step=0.1)", "lbfgs", "newton", "trust-region", "genetic",
    "simulated-annealing",
)  # fmt: skip
SETTINGS: dict[str, Any] = {"seeds": 20, "widths": [1, 2, 3, 4, 6, 8, 16], "hidden": 3, "iterations": 2000}
QUICK: dict[str, Any] = {"seeds": 6, "widths": [1, 2, 3, 4, 8]}
FEW = (("sigmoid", "tanh", "relu", "elu", "maxout"), ("zeros", "normal", "xavier", "he"))  # where it must be quick


def chosen(options: Options, name: str) -> Any:
    """A setting; a smaller one where it must be quick and nothing else was asked."""
    given = options.settings[name]
    return QUICK.get(name, given) if options.quick and given == SETTINGS[name] else given


def network(hidden: int, activation: str = "tanh", initialiser: str = "normal") -> str:
    """The network of one hidden layer, by name; what is usual is left out."""
    more = [f"activation={activation}"] if activation != "tanh" else []
    more += [f"initialiser={initialiser}"] if initialiser != "normal" else []
    return f"xor({', '.join([f'hidden={hidden}', *more])})"


def pairs(options: Options) -> tuple[Sequence[str], Sequence[str]]:
    """Activations and initialisers; the activation linear is the stack."""
    return FEW if options.quick else ([name for name in ACTIVATIONS if name != "linear"], list(INITIALISERS))


def asked(options: Options) -> list[tuple[str, Sequence[str]]]:
    """Each problem with its solvers."""
    hidden, (activations, initialisers) = options.settings["hidden"], pairs(options)
    found: list[tuple[str, Sequence[str]]] = [(model, NEURONS) for model in (*LINEAR, *MADE)]
    found += [(network(width, activation), WIDE) for activation in BOTH for width in chosen(options, "widths")]
    found += [(network(hidden, activation), SOLVERS) for activation in BOTH]
    found += [(network(hidden, a, i), WIDE[:1]) for a in activations for i in initialisers]
    return found


def filmed(options: Options) -> Sequence[str]:
    """Whose boundary is shown on its way."""
    hidden = options.settings["hidden"]
    return network(hidden, BOTH[0]), network(hidden, BOTH[1]), LINEAR[0]


def learned(row: Row) -> bool:
    """Whether all four points are right."""
    return row.typical.measures.get("accuracy") == 1.0


class Runs:
    """The runs of a result by model and solver; those kept for films are apart."""

    def __init__(self, result: Result) -> None:
        self.rows: dict[tuple[str, str], list[Row]] = {}
        self.kept: dict[str, list[Row]] = {}
        self.goals = {problem: reference.goal for problem, reference in result.references.items()}
        for row in result.rows:
            if row.note:
                self.kept.setdefault(row.problem, []).append(row)
            else:
                self.rows.setdefault((row.problem, row.solver), []).append(row)

    def on(self, problem: str) -> list[Row]:
        """Every run of that model."""
        return [row for (name, _), own in self.rows.items() if name == problem for row in own]

    def of(self, problem: str, solver: str) -> Tally | None:
        """How often that solver learned XOR by that model."""
        return tally(self.rows.get((problem, solver), ()), learned)

    def lowest(self, rows: Sequence[Row]) -> float | None:
        """The least f that any of those ended at."""
        ends = (self.goals[row.problem] + row.typical.gap for row in rows if row.problem in self.goals)
        return min(ends, default=None)

    def films(self) -> list[Row]:
        """A run of each model that kept its iterates: of relu's the first that failed, else the first that learned."""
        return [next((r for r in own if learned(r) != ("relu" in name)), own[0]) for name, own in self.kept.items()]
