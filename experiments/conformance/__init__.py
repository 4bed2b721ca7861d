"""Whether a solver keeps the contract and the properties of its kind: what `solverlab check` runs."""
