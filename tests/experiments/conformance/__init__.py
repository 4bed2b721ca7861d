"""Tests of `experiments.conformance`."""
