"""The reference of a problem: an interval that contains f*, found by the referee."""
