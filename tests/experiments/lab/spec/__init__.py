"""Tests of `experiments.lab.spec`."""
