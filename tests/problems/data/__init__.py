"""Tests of `problems.data`."""
