"""Other people's solvers as black boxes, one file a library and kind."""
