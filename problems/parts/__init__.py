"""The parts that problems are made of: rows, losses, penalties, activations, initialisers."""
