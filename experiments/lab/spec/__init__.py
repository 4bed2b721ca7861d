"""Names with parameters: their grammar, and the objects that they stand for."""
