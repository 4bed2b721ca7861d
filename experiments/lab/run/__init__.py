"""One cell: the clock, the stopping rule, the trace, the judge, the drivers."""
