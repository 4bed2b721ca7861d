"""Loops over iterates in native code."""
