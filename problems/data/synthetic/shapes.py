"""Seeded rows that no linear model fits: sums of sines, classes in the plane, XOR, clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.linalg import norm
from numpy.typing import NDArray

from problems.data.source import Dataset, RowSource, Task
from problems.foundation.arrays import Matrix
from problems.foundation.checks import at_least, not_negative

SINES = 3  # terms of each sum of `waves`
TURN = 1.5 * np.pi  # the angle between the inner and the outer end of an arm of a spiral
PLANE = (Task.LABELS, Task.CLASSES, Task.FEATURES)
XOR_POINTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


@dataclass(frozen=True)
class Waves(RowSource):
    """X uniform on [-1, 1]^d, and targets with mean 0 and variance 1: sums of sines along random directions.

    n, d     numbers of rows and columns
    outputs  the number of targets
    noise    standard deviation of the normal noise on the targets
    seed     of all random numbers
    """

    name: ClassVar[str] = "waves"
    makes: ClassVar[tuple[Task, ...]] = (Task.NUMBERS,)

    n: int = 200
    d: int = 2
    outputs: int = 1
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(1, n=self.n, d=self.d, outputs=self.outputs)
        not_negative(noise=self.noise)

    def load(self, task: Task) -> Dataset:
        rng = np.random.default_rng(self.seed)
        X = rng.uniform(-1, 1, (self.n, self.d))
        directions = rng.standard_normal((self.d, self.outputs, SINES)) * np.pi / np.sqrt(self.d)
        phases = rng.uniform(0, 2 * np.pi, (self.outputs, SINES))
        Y: Matrix = np.sin(np.tensordot(X, directions, 1) + phases).sum(2)
        Y -= Y.mean(0)
        Y /= np.where(Y.std(0) > 0, Y.std(0), 1.0)
        Y += self.noise * rng.standard_normal(Y.shape)
        return Dataset(X, Y[:, 0].copy() if self.outputs == 1 else Y)


@dataclass(frozen=True)
class Moons(RowSource):
    """Two interleaving half circles in the plane: scikit-learn's make_moons.

    n      the number of rows
    noise  standard deviation of the normal noise on each point
    seed   of the noise and the order of the rows
    """

    name: ClassVar[str] = "moons"
    makes: ClassVar[tuple[Task, ...]] = PLANE

    n: int = 200
    noise: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(2, n=self.n)
        not_negative(noise=self.noise)

    def load(self, task: Task) -> Dataset:
        from sklearn.datasets import make_moons

        X, y = make_moons(self.n, noise=self.noise, random_state=self.seed)
        return classified(X, y, task)


@dataclass(frozen=True)
class Circles(RowSource):
    """A small circle inside a large one in the plane: scikit-learn's make_circles.

    n       the number of rows
    factor  radius of the small circle; the radius of the large one is 1
    noise   standard deviation of the normal noise on each point
    seed    of the noise and the order of the rows
    """

    name: ClassVar[str] = "circles"
    makes: ClassVar[tuple[Task, ...]] = PLANE

    n: int = 200
    factor: float = 0.5
    noise: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(2, n=self.n)
        not_negative(noise=self.noise)
        if not 0 <= self.factor < 1:
            raise ValueError(f"factor is {self.factor}; it must be at least 0 and below 1")

    def load(self, task: Task) -> Dataset:
        from sklearn.datasets import make_circles

        X, y = make_circles(self.n, factor=self.factor, noise=self.noise, random_state=self.seed)
        return classified(X, y, task)


@dataclass(frozen=True)
class Spirals(RowSource):
    """Spiral arms in the plane that start near 0, each of which is a rotation of the others.

    n        the number of rows
    classes  the number of arms, each of which is a class
    noise    standard deviation of the normal noise on each point, relative to its distance from 0
    seed     of all random numbers
    """

    name: ClassVar[str] = "spirals"
    makes: ClassVar[tuple[Task, ...]] = PLANE

    n: int = 200
    classes: int = 2
    noise: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(2, classes=self.classes)
        at_least(self.classes, n=self.n)
        not_negative(noise=self.noise)

    def load(self, task: Task) -> Dataset:
        rng = np.random.default_rng(self.seed)
        y = np.arange(self.n) % self.classes
        radius = np.sqrt(rng.uniform(0.01, 1, self.n))  # so that the density along an arm is about constant
        angle = TURN * radius + 2 * np.pi * y / self.classes
        X = radius[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
        X += (self.noise * radius)[:, None] * rng.standard_normal(X.shape)
        return classified(X, y, task)


@dataclass(frozen=True)
class XorPoints(RowSource):
    """The points (0, 0), (0, 1), (1, 0), (1, 1), repeated; the label is 1 if exactly one coordinate is 1, else -1.

    n      the number of rows; 4 without noise are XOR itself
    noise  standard deviation of the normal noise on each point
    seed   of the noise
    """

    name: ClassVar[str] = "xor-points"
    makes: ClassVar[tuple[Task, ...]] = PLANE

    n: int = 4
    noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(4, n=self.n)
        not_negative(noise=self.noise)

    def load(self, task: Task) -> Dataset:
        points = XOR_POINTS[np.arange(self.n) % 4]
        X = points + self.noise * np.random.default_rng(self.seed).standard_normal(points.shape)
        return classified(X, points[:, 0] != points[:, 1], task)


@dataclass(frozen=True)
class Blobs(RowSource):
    """Normally distributed clusters with random centres, the nearest two of which have distance 1.

    n, d      numbers of rows and columns
    clusters  the number of clusters; row i belongs to cluster i mod clusters, which is its class
    spread    standard deviation of the rows of a cluster, in each column
    seed      of all random numbers
    """

    name: ClassVar[str] = "blobs"
    makes: ClassVar[tuple[Task, ...]] = PLANE

    n: int = 1000
    d: int = 2
    clusters: int = 5
    spread: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        at_least(1, n=self.n, d=self.d, clusters=self.clusters)
        not_negative(spread=self.spread)

    def load(self, task: Task) -> Dataset:
        rng = np.random.default_rng(self.seed)
        centres = rng.standard_normal((self.clusters, self.d))
        distances = norm(centres[:, None] - centres, axis=2)[np.triu_indices(self.clusters, 1)]
        if distances.size:
            centres /= distances.min()
        y = np.arange(self.n) % self.clusters
        return classified(centres[y] + self.spread * rng.standard_normal((self.n, self.d)), y, task)


def classified(X: Matrix, y: NDArray[Any], task: Task) -> Dataset:
    """Rows with classes 0, 1, ..., as labels, as classes or without a target."""
    if task is Task.FEATURES:
        return Dataset(np.ascontiguousarray(X))
    count = int(y.max()) + 1
    if count < 2 or (count > 2 and task is Task.LABELS):
        raise ValueError(
            f"the number of classes is {count}; {'two' if task is Task.LABELS else 'at least two'} are needed here"
        )
    if task is Task.CLASSES:
        return Dataset(np.ascontiguousarray(X), y.astype(np.float64))
    return Dataset(np.ascontiguousarray(X), np.where(y > 0, 1.0, -1.0))
