"""Pauses: for a while after a doubtful event, what a thief would do next has to wait."""
