"""The source `synthetic`: rows, a hidden linear model, and noisy targets of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from problems.data.source import Dataset, RowSource, Task, needed
from problems.data.synthetic.rows import conditioned, correlated, sparse
from problems.data.synthetic.targets import HiddenModel, classes, labels, numbers
from problems.foundation.arrays import Matrix, Vector
from problems.foundation.checks import at_least, fraction, not_negative

DEFAULT_CONDITION = 100.0
TASKS_OF = {  # the parameters that only some kinds of targets have
    "tails": (Task.NUMBERS,),
    "shift": (Task.NUMBERS,),
    "outputs": (Task.NUMBERS,),
    "outliers": (Task.NUMBERS, Task.LABELS),
    "margin": (Task.LABELS,),
    "balance": (Task.LABELS, Task.CLASSES),
    "classes": (Task.CLASSES,),
}


@dataclass(frozen=True)
class Synthetic(RowSource):
    """Seeded rows X, a hidden theta = (w, b) with normal entries, and targets from X w + b and noise.

        numbers    y = X w + b + noise e,  e standard normal
        labels     y = 1 if X w + b + noise e > 0, else -1,  e logistic
        classes    y = argmax_c (X W + b + noise E)_c,  E Gumbel; with noise 1 this is the softmax model

    n, d         numbers of rows and columns
    condition    the exact condition number of X'X/n; 100 by default, unless correlation or density is given
    correlation  instead of condition: columns i and j have exactly the correlation correlation^|i - j|; needs n > d
    density      instead of condition: the exact share of nonzero entries in each column; X is then CSR
    sparsity     the exact share of the coefficients w that are 0
    noise        the scale of e above; by default 0.1 for numbers, 1 for labels and classes. Labels without noise are
                 separable
    outliers     numbers: the exact share of targets that are moved by `shift`; labels: the exact share that is flipped
    tails        numbers: e has Student's distribution with this many degrees of freedom
    shift        numbers: the distance by which outliers are moved, up or down at random; 10 by default
    outputs      numbers: the number of targets
    balance      labels: the exact share of labels that are 1; classes: the ratio of the sizes of the rarest and the
                 most frequent class, approximately
    margin       labels, without noise: a lower bound on the distance of every row from the hidden plane
    classes      classes: their number; 3 by default
    seed         of all random numbers
    """

    name: ClassVar[str] = "synthetic"
    makes: ClassVar[tuple[Task, ...]] = (Task.NUMBERS, Task.LABELS, Task.CLASSES)

    n: int = 1000
    d: int = 20
    condition: float | None = None
    correlation: float | None = None
    density: float | None = None
    sparsity: float = 0.0
    noise: float | None = None
    outliers: float = 0.0
    tails: float | None = None
    shift: float | None = None
    outputs: int = 1
    balance: float | None = None
    margin: float = 0.0
    classes: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        choices = {"condition": self.condition, "correlation": self.correlation, "density": self.density}
        given = [name for name, value in choices.items() if value is not None]
        if len(given) > 1:
            raise ValueError(f"{given[0]} and {given[1]} cannot both be exact; give one of them")
        if given and self.margin:
            raise ValueError(f"margin moves the rows, so that {given[0]} cannot be exact; give one of them")
        at_least(1, condition=self.condition, d=self.d, outputs=self.outputs)
        at_least(2, n=self.n, classes=self.classes)
        fraction(sparsity=self.sparsity, outliers=self.outliers)
        not_negative(noise=self.noise, shift=self.shift, margin=self.margin)
        if self.density is not None and not 0 < self.density <= 1:
            raise ValueError(f"density is {self.density}; it must be above 0 and at most 1")
        if self.correlation is not None and not -1 < self.correlation < 1:
            raise ValueError(f"correlation is {self.correlation}; it must be between -1 and 1")
        if self.correlation is not None and self.n <= self.d:
            raise ValueError(f"an exact correlation needs more rows than columns; n is {self.n} and d is {self.d}")

    def load(self, task: Task) -> Dataset:
        for name, tasks in TASKS_OF.items():
            if getattr(self, name) != type(self).__dataclass_fields__[name].default and task not in tasks:
                raise ValueError(f"{name} is a parameter of {' or '.join(tasks)}; {needed(task)}")
        if task is Task.CLASSES:
            return Dataset(*self._classified())
        hidden = self.hidden()
        if task is Task.LABELS:
            return Dataset(*labels(hidden, 1.0 if self.noise is None else self.noise,
                                   self.balance, self.outliers, self.margin))  # fmt: skip
        return Dataset(hidden.X, self._targets(hidden))

    def hidden(self) -> HiddenModel:
        """The rows and the hidden theta. Exactly round(sparsity d) of the coefficients w are zero, but never all."""
        rng = np.random.default_rng(self.seed)
        X = self._rows(rng)
        w, b = rng.standard_normal(self.d), rng.standard_normal()
        if self.sparsity:
            w[rng.permutation(self.d)[: min(round(self.sparsity * self.d), self.d - 1)]] = 0.0
        return HiddenModel(X, w, b, X @ w + b, rng)

    def _rows(self, rng: np.random.Generator) -> Any:
        if self.correlation is not None:
            return correlated(self.n, self.d, self.correlation, rng)
        if self.density is not None:
            return sparse(self.n, self.d, self.density, rng)
        return conditioned(self.n, self.d, DEFAULT_CONDITION if self.condition is None else self.condition, rng)

    def _targets(self, hidden: HiddenModel) -> Vector | Matrix:
        """y, or Y with several outputs; each column has its own coefficients, with the same zeros."""
        noise = (0.1 if self.noise is None else self.noise, self.tails, self.outliers, self.shift)
        columns = [numbers(hidden.z, hidden.rng, *noise)]
        for _ in range(self.outputs - 1):
            w, b = hidden.rng.standard_normal(self.d) * (hidden.w != 0), hidden.rng.standard_normal()
            columns.append(numbers(hidden.X @ w + b, hidden.rng, *noise))
        return columns[0] if self.outputs == 1 else np.column_stack(columns)

    def _classified(self) -> tuple[Any, Vector]:
        rng, k = np.random.default_rng(self.seed), 3 if self.classes is None else self.classes
        X = self._rows(rng)
        W = rng.standard_normal((self.d, k))
        if self.sparsity:
            W[rng.permutation(self.d)[: min(round(self.sparsity * self.d), self.d - 1)]] = 0.0
        noise, balance = (1.0 if value is None else value for value in (self.noise, self.balance))
        return X, classes(X @ W, rng, noise, balance)
