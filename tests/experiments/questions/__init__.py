"""Tests of `experiments.questions`."""
