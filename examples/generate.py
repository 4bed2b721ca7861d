"""Generate the data files of this folder: `python examples/generate.py`. The same seed gives the same files."""

from __future__ import annotations

import csv
from decimal import Decimal, getcontext
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parent
getcontext().prec = 50

GROWTH = """\
NIST/ITL StRD
Dataset Name:  Growth  (growth.dat)

File Format:   ASCII, as NIST's Statistical Reference Datasets; the data are generated

Procedure:     Nonlinear Least Squares Regression

Data:          1 Response Variable  (y)
               1 Predictor Variable (x)
               {n} Observations

Model:         Exponential Class
               2 Parameters (b1 and b2)

               y = b1*(1-exp[-b2*x])  +  e

          Starting values                  Certified Values

        Start 1     Start 2           Parameter     Standard Deviation
{parameters}

Residual Sum of Squares:                    {residual_sum:.10E}
Residual Standard Deviation:                {deviation:.10E}
Degrees of Freedom:                                {freedom}
Number of Observations:                            {n}

Data:   y               x
{rows}
"""


def spending(file: Path, rng: np.random.Generator) -> None:
    """Monthly spending of 200 households, a linear function of four numbers, with noise."""
    people = rng.integers(1, 7, 200)
    income = rng.lognormal(8.0, 0.4, 200)
    distance = rng.exponential(6.0, 200)
    age = rng.integers(19, 85, 200)
    spent = 250 + 0.22 * income + 140 * people - 4 * distance + 1.5 * age + rng.normal(0, 60, 200)
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["people", "income", "distance_km", "age", "spent"])
        table.writerows(
            [people[i], f"{income[i]:.2f}", f"{distance[i]:.1f}", age[i], f"{spent[i]:.2f}"] for i in range(200)
        )


def customers(file: Path, rng: np.random.Generator) -> None:
    """Whether 300 visitors of a shop bought something: the log odds are linear in four numbers."""
    visits = rng.poisson(4.0, 300)
    minutes = rng.gamma(2.0, 6.0, 300)
    discount = rng.choice([0, 5, 10, 20], 300)
    age = rng.integers(18, 80, 300)
    log_odds = -3.0 + 0.3 * visits + 0.06 * minutes + 0.08 * discount - 0.01 * age
    buys = rng.random(300) < 1 / (1 + np.exp(-log_odds))
    with file.open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["visits", "minutes", "discount", "age", "buys"])
        table.writerows(
            [visits[i], f"{minutes[i]:.1f}", discount[i], age[i], "yes" if buys[i] else "no"] for i in range(300)
        )


def clicks(file: Path, rng: np.random.Generator) -> None:
    """500 page views in LIBSVM's format: label, then index:value of the words on the page, about 8 of 200."""
    weights = rng.normal(0, 1.2, 200)
    lines = []
    for _ in range(500):
        words = np.sort(rng.choice(200, size=rng.integers(3, 14), replace=False))
        counts = rng.integers(1, 4, len(words))
        clicked = rng.random() < 1 / (1 + np.exp(-weights[words] @ counts))
        pairs = " ".join(f"{word + 1}:{count}" for word, count in zip(words, counts, strict=True))
        lines.append(f"{'+1' if clicked else '-1'} {pairs}\n")
    file.write_text("".join(lines), encoding="utf-8")


def growth(file: Path, rng: np.random.Generator) -> None:
    """Sixteen points of a saturating curve, and its least-squares solution to 11 digits by Gauss-Newton in decimals."""
    x = [Decimal(value) / 10 for value in range(15, 303, 18)]
    exact = [5 * (1 - (-value / 8).exp()) for value in x]
    y = [(value + Decimal(float(error))).quantize(Decimal("0.0001")) for value, error in zip(
        exact, rng.normal(0, 0.05, len(x)), strict=True)]  # fmt: skip
    b1, b2 = Decimal(5), Decimal("0.125")
    for _ in range(60):
        decay = [(-b2 * value).exp() for value in x]
        residual = [target - b1 * (1 - d) for target, d in zip(y, decay, strict=True)]
        by_b1, by_b2 = [1 - d for d in decay], [b1 * value * d for value, d in zip(x, decay, strict=True)]
        (a, b, c), (g, h) = normal_equations(by_b1, by_b2, residual)
        determinant = a * c - b * b
        b1, b2 = b1 + (c * g - b * h) / determinant, b2 + (a * h - b * g) / determinant
    residual_sum, freedom = sum(r * r for r in residual), len(x) - 2
    variance = residual_sum / freedom
    lines = [
        f"  {name} =  {starts}         {value:.10E}  {(variance * inverse / determinant).sqrt():.10E}"
        for name, starts, value, inverse in (("b1", "20        4  ", b1, c), ("b2", "0.01      0.2", b2, a))
    ]
    text = GROWTH.format(
        n=len(x), parameters="\n".join(lines), residual_sum=residual_sum, deviation=variance.sqrt(), freedom=freedom,
        rows="\n".join(f"      {target}        {value}" for target, value in zip(y, x, strict=True)),
    )  # fmt: skip
    file.write_text(text, encoding="utf-8")


def normal_equations(
    first: list[Decimal], second: list[Decimal], residual: list[Decimal]
) -> tuple[tuple[Decimal, Decimal, Decimal], tuple[Decimal, Decimal]]:
    """The three entries of J'J and the two of J'r, for J with the columns `first` and `second`."""

    def dot(u: list[Decimal], v: list[Decimal]) -> Decimal:
        return sum((a * b for a, b in zip(u, v, strict=True)), Decimal(0))

    return (dot(first, first), dot(first, second), dot(second, second)), (dot(first, residual), dot(second, residual))


FILES = {"spending.csv": spending, "customers.csv": customers, "clicks.svm": clicks, "growth.dat": growth}


def generate(folder: Path) -> None:
    """Write all files into `folder`."""
    for seed, (name, write) in enumerate(FILES.items()):
        write(folder / name, np.random.default_rng(seed))


if __name__ == "__main__":
    generate(FOLDER)
