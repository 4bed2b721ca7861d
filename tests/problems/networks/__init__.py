"""Tests of `problems.networks`."""
