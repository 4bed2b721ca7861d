"""Tests of `experiments.cli`."""
