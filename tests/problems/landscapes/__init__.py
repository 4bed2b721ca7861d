"""Tests of `problems.landscapes`."""
