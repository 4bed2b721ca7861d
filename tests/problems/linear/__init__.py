"""Tests of `problems.linear`."""
