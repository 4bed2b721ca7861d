"""Whether a solver keeps the contract and has the properties of its kind: what `solverlab check` runs."""
