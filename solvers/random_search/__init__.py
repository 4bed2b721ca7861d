"""Methods that use only values of f and choose points at random."""

from problems.foundation.catalogue import SolverEntry

TABLE = {
    "genetic": SolverEntry(
        "solvers.random_search.genetic:Genetic",
        "random search",
        "A real-coded genetic algorithm: tournament selection, blend crossover, adaptive mutation.",
        ("Objective",),
        "Holland (1975)",
    ),
    "metropolis-hastings": SolverEntry(
        "solvers.random_search.markov:MetropolisHastings",
        "random search",
        "Metropolis-Hastings sampling of the density exp(-f/temperature); the best sample counts.",
        ("Objective",),
        "Hastings (1970), doi:10.1093/biomet/57.1.97",
    ),
    "simulated-annealing": SolverEntry(
        "solvers.random_search.markov:SimulatedAnnealing",
        "random search",
        "Simulated annealing: a random walk that accepts increases of f ever more rarely; the best state counts.",
        ("Objective",),
        "Kirkpatrick, Gelatt & Vecchi (1983), doi:10.1126/science.220.4598.671",
    ),
}
