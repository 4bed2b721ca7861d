"""Tests of `problems.systems`."""
