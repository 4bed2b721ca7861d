"""Tests of `experiments.lab.workers`."""
