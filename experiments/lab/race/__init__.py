"""Races: which of the first solvers is fastest, told so that it holds on a busy machine."""
