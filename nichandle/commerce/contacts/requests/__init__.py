"""Asking for a hand-over, answering, and what the agreed one changes."""
