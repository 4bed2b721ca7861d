"""Loops over rows in native code."""
