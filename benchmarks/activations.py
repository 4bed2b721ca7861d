"""The table of activations: what is known of each, and what it costs, measured here.

Run `python -m benchmarks.activations`. Costs are nanoseconds an output, of the value alone, of the value with the pass
back, and in the native training loop where it has code for the activation; the least of several repeats, one thread.
"""

from __future__ import annotations

import math

from experiments.questions.activations.cost import nanoseconds
from problems.parts.activations import ACTIVATIONS


def _smoothness(order: float) -> str:
    return "C-infinity" if order == math.inf else f"C{order:g}"


def main() -> None:
    """Print the table."""
    heads = f"{'range':>16} {'smooth':>11} {'monotone':>9} {'slope too':>9} {'as z at 0':>9}"
    print(f"{'':11} {heads}    ns: value   + back   native")
    for name, a in ACTIVATIONS.items():
        words = ["yes" if said else "no" for said in (a.monotone, a.monotone_derivative, a.identity)]
        costs = "".join(f"{cost:9.2f}" for cost in nanoseconds(name))
        reach = f"{a.least:.3g} to {a.greatest:.3g}"
        print(f"{name:11} {reach:>16} {_smoothness(a.order):>11} {words[0]:>9} {words[1]:>9} {words[2]:>9}     {costs}")


if __name__ == "__main__":
    main()
