"""Tests of `problems.graph`."""
