"""An interval that contains f* of a linear model: bounds that are true at any point, and a search for good points."""
