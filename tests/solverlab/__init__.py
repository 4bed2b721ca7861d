"""Tests of `solverlab`."""
