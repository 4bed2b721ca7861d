"""The data sets of scikit-learn."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from problems.data.preparation import prepared
from problems.data.source import Dataset, RowSource, Task
from problems.foundation.about import NOTHING, About
from problems.foundation.arrays import Matrix
from problems.foundation.checks import as_classes, as_labels, as_rows

NUMBERS = (Task.NUMBERS, Task.FEATURES)
TWO_CLASSES = (Task.LABELS, Task.CLASSES, Task.FEATURES)
CLASSES = (Task.CLASSES, Task.FEATURES)


@dataclass(frozen=True)
class Bundled(RowSource):
    """A data set of scikit-learn; columns, and targets that are numbers, are standardised by default."""

    standardize: bool = True

    @abstractmethod
    def raw(self) -> tuple[Matrix, Any]:
        """X and y as scikit-learn returns them."""

    def load(self, task: Task) -> Dataset:
        X, y = self.raw()
        if task is Task.LABELS:
            y = as_labels(y)
        elif task is Task.CLASSES:
            y = as_classes(y)
        about = NOTHING
        if self.standardize:
            X, y, _, notes, units = prepared(X, y, (), task, self.name)
            about = About(notes, units=units)
        return Dataset(X, None if task is Task.FEATURES else y, about)


@dataclass(frozen=True)
class Diabetes(Bundled):
    """442 patients: 10 measurements, and the progression of the disease in one year.

    standardize  whether columns and target are shifted and scaled to mean 0 and variance 1

    Source: Efron, Hastie, Johnstone & Tibshirani (2004), doi:10.1214/009053604000000067.
    """

    name: ClassVar[str] = "diabetes"
    makes: ClassVar[tuple[Task, ...]] = NUMBERS

    def raw(self) -> tuple[Matrix, Any]:
        from sklearn.datasets import load_diabetes

        return as_rows(*load_diabetes(return_X_y=True, scaled=False))


@dataclass(frozen=True)
class Linnerud(Bundled):
    """20 men: results of 3 exercises; the targets are weight, waist and pulse.

    standardize  whether columns and targets are shifted and scaled to mean 0 and variance 1
    outputs      the number of targets, 1 to 3, in that order

    Source: Tenenhaus, La regression PLS (1998).
    """

    name: ClassVar[str] = "linnerud"
    makes: ClassVar[tuple[Task, ...]] = NUMBERS
    outputs: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.outputs <= 3:
            raise ValueError(f"outputs is {self.outputs}; linnerud has 3 targets, so that it must be 1, 2 or 3")

    def raw(self) -> tuple[Matrix, Any]:
        from sklearn.datasets import load_linnerud

        X, Y = load_linnerud(return_X_y=True)
        Y = np.ascontiguousarray(Y[:, : self.outputs], np.float64)
        return X.astype(np.float64), Y[:, 0].copy() if self.outputs == 1 else Y


@dataclass(frozen=True)
class BreastCancer(Bundled):
    """569 tumours: 30 measurements; the classes are malignant (0, or -1 as a label) and benign (1).

    standardize  whether columns are shifted and scaled to mean 0 and variance 1; constant ones are dropped

    Source: Street, Wolberg & Mangasarian (1993), doi:10.1117/12.148698.
    """

    name: ClassVar[str] = "breast_cancer"
    makes: ClassVar[tuple[Task, ...]] = TWO_CLASSES

    def raw(self) -> tuple[Matrix, Any]:
        from sklearn.datasets import load_breast_cancer

        return as_rows(*load_breast_cancer(return_X_y=True))


@dataclass(frozen=True)
class Iris(Bundled):
    """150 flowers: 4 measurements; the classes are three species.

    standardize  whether columns are shifted and scaled to mean 0 and variance 1; constant ones are dropped

    Source: Fisher (1936), doi:10.1111/j.1469-1809.1936.tb02137.x.
    """

    name: ClassVar[str] = "iris"
    makes: ClassVar[tuple[Task, ...]] = CLASSES

    def raw(self) -> tuple[Matrix, Any]:
        from sklearn.datasets import load_iris

        return as_rows(*load_iris(return_X_y=True))


@dataclass(frozen=True)
class Wine(Bundled):
    """178 wines: 13 measurements; the classes are three growers.

    standardize  whether columns are shifted and scaled to mean 0 and variance 1; constant ones are dropped

    Source: Forina et al. (1988), of the UCI Machine Learning Repository.
    """

    name: ClassVar[str] = "wine"
    makes: ClassVar[tuple[Task, ...]] = CLASSES

    def raw(self) -> tuple[Matrix, Any]:
        from sklearn.datasets import load_wine

        return as_rows(*load_wine(return_X_y=True))


@dataclass(frozen=True)
class Digits(Bundled):
    """1797 images of handwritten digits, 8 x 8 pixels; the classes are the ten digits.

    standardize  whether columns are shifted and scaled to mean 0 and variance 1; constant ones are dropped

    Source: Alpaydin & Kaynak (1998), of the UCI Machine Learning Repository.
    """

    name: ClassVar[str] = "digits"
    makes: ClassVar[tuple[Task, ...]] = CLASSES

    def raw(self) -> tuple[Matrix, Any]:
        from sklearn.datasets import load_digits

        return as_rows(*load_digits(return_X_y=True))
