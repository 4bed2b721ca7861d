"""Errors that a user can fix: one sentence that says what is wrong, where, and what would be allowed."""


class UserError(ValueError):
    """What a user gave cannot be used."""
