"""Proven bounds on f(theta) - f*, and the arithmetic that they need."""
