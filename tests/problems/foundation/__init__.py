"""Tests of `problems.foundation`."""
