"""Whose database this is: secret and suffix; and whether it takes a write at this moment."""
