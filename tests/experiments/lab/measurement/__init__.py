"""Tests of `experiments.lab.measurement`."""
