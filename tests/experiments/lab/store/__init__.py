"""Tests of `experiments.lab.store`."""
