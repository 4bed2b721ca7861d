"""Tests of `problems.curves`."""
