"""Other people's solvers, as black boxes that minimise exactly our f."""
