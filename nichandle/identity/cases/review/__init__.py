"""Reviewing: who may, what they decide, who objects, and what it changes in the end."""
