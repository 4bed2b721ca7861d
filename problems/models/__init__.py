"""What models of rows are made of: rows, penalties, and the rungs that a loss and a penalty put a model on."""
