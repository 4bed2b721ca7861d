"""Finished cells on disk, under keys of all that they depend on."""
