"""Identifiers: their form, their check digit, and the ledger of all ever issued."""
