"""Readers of files: each returns rows and a target, or raises an error that says why it cannot."""
