"""The neural network of scikit-learn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from problems.forms import LayeredModel
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least, positive
from solvers.base import BlackBox, Callback, Refusal, Run, Trait
from solvers.peers.conventions import batch_alpha, quietly, seed_of

ACTIVATIONS = {"linear": "identity", "sigmoid": "logistic", "tanh": "tanh", "relu": "relu"}
KINDS = {"logistic": "MLPClassifier", "softmax": "MLPClassifier", "squared": "MLPRegressor"}


@dataclass(frozen=True)
class SklearnMLP(BlackBox[LayeredModel]):
    """sklearn.neural_network.MLPClassifier on the cross-entropy, MLPRegressor on one squared output.

    An iteration is an epoch; for lbfgs it is an iteration of lbfgs.
    solver: default lbfgs; adam; or sgd, which has Nesterov's momentum of 0.9.
    step: default 0.01, of adam and sgd.
    batch: default 200, the number of rows per update of adam and sgd; at most all rows.
    Cost: a forward and a backward pass over the rows per iteration; a few for lbfgs.
    Memory: the layers of the network for a batch.
    Rate: not known to the lab; f is not convex.
    Choose it for small networks on a CPU: lbfgs for few rows, adam for many; not for large networks, which need a GPU.
    Source: Pedregosa et al. (2011), https://jmlr.org/papers/v12/pedregosa11a.html.
    """

    needs = (LayeredModel,)
    traits = frozenset({Trait.STOCHASTIC})
    opaque = True
    solver: Literal["lbfgs", "adam", "sgd"] = "lbfgs"
    step: float = 0.01
    batch: int = 200

    def __post_init__(self) -> None:
        positive(step=self.step)
        at_least(1, batch=self.batch)

    def objection(self, problem: Any) -> str | None:
        if objection := super().objection(problem):
            return objection
        if problem.loss.name not in KINDS:
            return f"it minimises the logistic, the softmax and the squared loss, not the {problem.loss.name} loss"
        if problem.loss.name == "squared" and problem.widths[-1] > 1:
            return f"it minimises the mean of the squares over the {problem.widths[-1]} outputs, and f is their sum"
        if problem.activation not in ACTIVATIONS:
            return f"it has the activations {', '.join(ACTIVATIONS)}, not {problem.activation}"
        if problem.l2 and self.solver != "lbfgs" and problem.n % self._rows(problem):
            return "its penalty would have a larger weight in the last batch, which has fewer rows than the others"
        return None

    def run(
        self, problem: LayeredModel, theta0: Vector, rng: np.random.Generator, budget: int, callback: Callback
    ) -> Run:
        rows = self._rows(problem)
        model = _with_start(KINDS[problem.loss.name], _layers(theta0, problem.widths))(
            hidden_layer_sizes=problem.widths[1:-1],
            activation=ACTIVATIONS[problem.activation],
            solver=self.solver,
            alpha=batch_alpha(problem.l2, rows),
            batch_size=rows,
            learning_rate_init=self.step,
            max_iter=budget,
            tol=0.0,
            n_iter_no_change=budget + 1,
            max_fun=10**9,
            random_state=seed_of(rng),
        )
        quietly(model.fit, problem.X, problem.y)
        parts = [part.ravel() for layer in zip(model.coefs_, model.intercepts_, strict=True) for part in layer]
        return Run(np.concatenate(parts), done=self.solver == "lbfgs" and model.n_iter_ < budget)

    def _rows(self, problem: LayeredModel) -> int:
        return problem.n if self.solver == "lbfgs" else min(self.batch, problem.n)


def _with_start(kind: str, layers: list[tuple[Matrix, Vector]]) -> Any:
    """The class of that network with given initial layers; scikit-learn has no parameter for them. Raises Refusal."""
    from sklearn import neural_network

    base: Any = getattr(neural_network, kind)
    if not hasattr(base, "_init_coef"):
        raise Refusal("this version of scikit-learn cannot start from theta_0")
    start = iter(layers)

    class FromTheta(base):  # type: ignore[misc]
        def _init_coef(self, *unused: Any) -> tuple[Matrix, Vector]:
            return next(start)

    return FromTheta


def _layers(theta: Vector, widths: tuple[int, ...]) -> list[tuple[Matrix, Vector]]:
    """The weights and the biases of each layer in theta."""
    layers, at = [], 0
    for fan_in, fan_out in pairwise(widths):
        bias = at + fan_in * fan_out
        layers.append((theta[at:bias].reshape(fan_in, fan_out).copy(), theta[bias : bias + fan_out].copy()))
        at = bias + fan_out
    return layers
