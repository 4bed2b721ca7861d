"""Tests of `experiments.lab`."""
