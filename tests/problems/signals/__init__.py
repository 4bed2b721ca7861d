"""Tests of `problems.signals`."""
