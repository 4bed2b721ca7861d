"""Tests of `experiments.lab.run`."""
