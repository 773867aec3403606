"""The course of a request: its steps, its endings, what holds it up, what the ledger says."""
