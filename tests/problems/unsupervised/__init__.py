"""Tests of `problems.unsupervised`."""
