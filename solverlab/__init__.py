"""Classical and gradient solvers on the same problem, under one referee and one clock."""
