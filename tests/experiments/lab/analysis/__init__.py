"""Tests of `experiments.lab.analysis`."""
