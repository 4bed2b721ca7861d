"""Methods that read values of f alone and choose points at random."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "genetic": SolverEntry(
        "solvers.random_search.genetic:Genetic",
        "random search",
        "A genetic algorithm on real numbers: tournaments, blends, mutations that narrow.",
        ("Objective",),
        "Holland (1975)",
    ),
    "metropolis-hastings": SolverEntry(
        "solvers.random_search.markov:MetropolisHastings",
        "random search",
        "A random walk distributed as exp(-f/temperature), judged by its best.",
        ("Objective",),
        "Hastings (1970), doi:10.1093/biomet/57.1.97",
    ),
    "simulated-annealing": SolverEntry(
        "solvers.random_search.markov:SimulatedAnnealing",
        "random search",
        "A random walk that goes uphill less and less, judged by its best.",
        ("Objective",),
        "Kirkpatrick, Gelatt & Vecchi (1983), doi:10.1126/science.220.4598.671",
    ),
}
