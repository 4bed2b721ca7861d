"""Files in the format of NIST's StRD, with answers computed in exact fractions."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "nist"  # of the real files, beside the repository, if any

LINEAR = """\
NIST/ITL StRD
Dataset Name:  {name} ({name}.dat)

File Format:   ASCII
               Certified Values  (lines 31 to 44)
               Data              (lines 61 to 71)

Procedure:     Linear Least Squares Regression

Data:          1 Response Variable (y)
               1 Predictor Variable (x)
               {n} Observations

Model:         Polynomial Class
               {p} Parameters (B0,B1,...)

               y = {formula} + e

               Certified Regression Statistics

     Parameter          Estimate             of Estimate

{certified}

Source of Degrees of    Sums of             Mean
Regression    1    200457.727272727   200457.727272727   15750.2500000000
Residual     10    {residual}      12.7272727272727

Data:     y     x
{rows}
"""

NONLINEAR = """\
NIST/ITL StRD
Dataset Name:  Saturation  (Saturation.dat)

File Format:   ASCII
               Starting Values   (lines 41 to 42)
               Certified Values  (lines 41 to 47)
               Data              (lines 61 to 63)

Procedure:     Nonlinear Least Squares Regression

Data:          1 Response  (y = log[volume])
               2 Predictors (x1, x2)
               3 Observations

Model:         Exponential Class
               2 Parameters (b1 to b2)

               pi = 3.141592653589793238462643383279E0
               log[y] = b1*(1-EXP[-b2*x1])
                         + arctan[x2^2]/pi  +  e

          Starting values                  Certified Values

        Start 1     Start 2           Parameter     Standard Deviation
  b1 =   500         250           2.3894212918D+02  2.7070075241E+00
  b2 =     0.0001      0.0005      5.5015643181E-04  7.2668688436E-06

Residual Sum of Squares:                    1.2455138894E-01
Residual Standard Deviation:                1.0187876330E-01

Data:   y               x1     x2
      10.07E0      77.6E0     1
      14.73E0     114.9E0     -.5
      17.94E0     141.1E0     2.
"""


def exact_least_squares(B: list[list[Fraction]], c: list[Fraction]) -> list[Fraction]:
    """The exact least-squares solution, by elimination in the normal equations."""
    p = len(B[0])
    A = [[sum(row[i] * row[j] for row in B) for j in range(p)] for i in range(p)]
    for i in range(p):
        A[i].append(sum((row[i] * target for row, target in zip(B, c, strict=True)), Fraction(0)))
    for i in range(p):
        A[i] = [entry / A[i][i] for entry in A[i]]
        for k in range(p):
            if k != i:
                A[k] = [a - A[k][i] * b for a, b in zip(A[k], A[i], strict=True)]
    return [row[-1] for row in A]


def decimal(number: Fraction, digits: int = 15) -> str:
    """A fraction as text with that many digits, rounded once."""
    if not number:
        return "0.000000000000000"
    exponent = 0
    while abs(number) >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while abs(number) < Fraction(10) ** exponent:
        exponent -= 1
    whole = round(number * Fraction(10) ** (digits - 1 - exponent))
    return f"{whole}E{exponent - digits + 1:+03d}"


def polynomial(x: list[str], y: list[str], degree: int, formula: str | None = None) -> str:
    """The text of a file of NIST's for a polynomial of that degree; its certified values are correct to 15 digits."""
    B = [[Fraction(number) ** k for k in range(degree + 1)] for number in x]
    c = [Fraction(number) for number in y]
    theta = exact_least_squares(B, c)
    residual = sum((t - sum(b * w for b, w in zip(row, theta, strict=True))) ** 2 for row, t in zip(B, c, strict=True))
    return LINEAR.format(
        name="Polynomial",
        n=len(x),
        p=degree + 1,
        formula=formula or " + ".join(["B0", "B1*x", *(f"B{k}*(x**{k})" for k in range(2, degree + 1))]),
        certified="\n".join(f"        B{k}   {decimal(w)}   0.1E-03" for k, w in enumerate(theta)),
        residual=decimal(Fraction(residual)),
        rows="\n".join(f"    {target}   {predictor}" for target, predictor in zip(y, x, strict=True)),
    )
