"""The models that may learn XOR, the solvers that train them, and how often each succeeded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.lab.analysis.proportion import Proportion, proportion
from experiments.lab.analysis.results import CellResult, Result
from experiments.lab.experiment import Options
from experiments.lab.spec.grammar import Spec, parse, spec
from experiments.lab.spec.supplied import Named
from problems.parts.activations import ACTIVATIONS
from problems.parts.initialisers import INITIALISERS

LINEAR, STACKED = spec("xor", model="linear"), spec("xor", model="stacked")
DESIGNED = (  # the same neuron on columns that a person designed
    spec("xor", model="features"),
    spec("xor", model="kernel"),
    spec("xor", model="kernel", kernel="polynomial"),
)
GRADIENT_DESCENT, LBFGS = parse("gradient-descent"), parse("lbfgs")
NEURON_SOLVERS = (parse("perceptron"), parse("adaline"), GRADIENT_DESCENT, LBFGS, parse("newton"))
WIDTH_SOLVERS = (GRADIENT_DESCENT, LBFGS)
WIDTH_ACTIVATIONS = ("tanh", "relu")
NETWORK_SOLVERS = tuple(parse(name) for name in (
    "gradient-descent", "momentum", "sgd", "adam(step=0.1)", "lbfgs", "newton", "trust-region", "genetic",
    "simulated-annealing",
))  # fmt: skip
SETTINGS: dict[str, Any] = {"seeds": 20, "widths": [1, 2, 3, 4, 6, 8, 16], "hidden": 3, "iterations": 2000}
QUICK: dict[str, Any] = {"seeds": 6, "widths": [1, 2, 3, 4, 8]}
QUICK_ACTIVATIONS = ("sigmoid", "tanh", "relu", "elu", "maxout")
QUICK_INITIALISERS = ("zeros", "normal", "xavier", "he")


def smaller(options: Options, name: str) -> Any:
    """A setting that is smaller under --quick."""
    return options.smaller(name, SETTINGS[name], QUICK[name])


def network(hidden: int, activation: str = "tanh", initialiser: str = "normal") -> Spec:
    """The network of one hidden layer; what is a default of `xor` is not given."""
    given = {"activation": activation, "initialiser": initialiser}
    defaults = {"activation": "tanh", "initialiser": "normal"}
    return spec("xor", hidden=hidden, **{key: value for key, value in given.items() if value != defaults[key]})


def activations(options: Options) -> Sequence[str]:
    """The activations that are compared; a linear one would make the network a stack of linear layers."""
    return QUICK_ACTIVATIONS if options.quick else [name for name in ACTIVATIONS if name != "linear"]


def initialisers(options: Options) -> Sequence[str]:
    """The initialisers that are compared."""
    return QUICK_INITIALISERS if options.quick else list(INITIALISERS)


def plan(options: Options) -> list[tuple[Spec, Sequence[Spec]]]:
    """Each problem with its solvers."""
    hidden = options.settings["hidden"]
    planned: list[tuple[Spec, Sequence[Spec]]] = [(model, NEURON_SOLVERS) for model in (LINEAR, STACKED, *DESIGNED)]
    for activation in WIDTH_ACTIVATIONS:
        planned += [(network(width, activation), WIDTH_SOLVERS) for width in smaller(options, "widths")]
        planned.append((network(hidden, activation), NETWORK_SOLVERS))
    for activation in activations(options):
        planned += [
            (network(hidden, activation, initialiser), [GRADIENT_DESCENT]) for initialiser in initialisers(options)
        ]
    return planned


def filmed(options: Options) -> Sequence[Spec]:
    """The models whose decision boundary is shown during training."""
    hidden = options.settings["hidden"]
    return [*(network(hidden, activation) for activation in WIDTH_ACTIVATIONS), LINEAR]


def learned(row: CellResult) -> bool:
    """Whether all four points are classified correctly."""
    return row.typical.measures.get("accuracy") == 1.0


class Runs:
    """The runs of a result by model and solver; the runs whose iterates were kept are apart."""

    def __init__(self, result: Result) -> None:
        self.rows: dict[tuple[Named, Named], list[CellResult]] = {}
        self.kept: dict[Named, list[CellResult]] = {}
        self.goals = {problem: reference.goal for problem, reference in result.references.items()}
        for row in result.rows:
            if row.rule.keep:
                self.kept.setdefault(row.problem, []).append(row)
            else:
                self.rows.setdefault((row.problem, row.solver), []).append(row)

    def on(self, problem: Named) -> list[CellResult]:
        """All runs on that model."""
        return [row for (model, _), rows in self.rows.items() if model == problem for row in rows]

    def success(self, problem: Named, solver: Named) -> Proportion | None:
        """How often that solver learned XOR with that model; None where it did not run."""
        return proportion(self.rows.get((problem, solver), ()), learned)

    def lowest(self, rows: Sequence[CellResult]) -> float | None:
        """The lowest f at the end of these runs."""
        ends = (self.goals[row.problem] + row.typical.gap for row in rows if row.problem in self.goals)
        return min(ends, default=None)

    def films(self) -> list[CellResult]:
        """For each model one run whose iterates were kept: with relu the first that failed, else the first success.

        Where there is no such run it is the first one.
        """
        return [
            next((row for row in rows if learned(row) == (model.get("activation") != "relu")), rows[0])
            for model, rows in self.kept.items()
        ]
