"""Tests of `experiments.comparison`."""
