"""Solvers that go by chance."""

from __future__ import annotations

from .entry import Entry

TABLE: dict[str, Entry] = {
    "genetic": Entry(
        "solvers.genetic:Genetic",
        "random search",
        "A genetic algorithm on real numbers: tournaments, blends, mutations that narrow.",
        ("Objective",),
        "Holland (1975)",
    ),
    "metropolis-hastings": Entry(
        "solvers.markov:MetropolisHastings",
        "random search",
        "A random walk distributed as exp(-f/temperature), judged by its best.",
        ("Objective",),
        "Hastings (1970), doi:10.1093/biomet/57.1.97",
    ),
    "simulated-annealing": Entry(
        "solvers.markov:SimulatedAnnealing",
        "random search",
        "A random walk that goes uphill less and less, judged by its best.",
        ("Objective",),
        "Kirkpatrick, Gelatt & Vecchi (1983), doi:10.1126/science.220.4598.671",
    ),
}
