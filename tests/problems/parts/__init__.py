"""Tests of `problems.parts`."""
