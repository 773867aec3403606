"""Catalogue: what can be ordered, at which price, on which terms; a file the operator edits."""
