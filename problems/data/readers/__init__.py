"""Readers of files: each makes a table of rows and a target, or says in a sentence why it cannot."""
