"""Sentences that the answers of several comparisons share."""

from __future__ import annotations

from experiments.lab.spec.supplied import Named


def damaged_reference(problem: Named) -> str:
    """What is said of a problem whose stored reference cannot be used."""
    return f"The reference of {problem} was damaged and has been removed. Run the same command again to find it anew."
