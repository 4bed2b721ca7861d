"""Proven bounds on f(theta) - f*, and the arithmetic under them."""
