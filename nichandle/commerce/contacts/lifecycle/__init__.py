"""The course of a request: its steps, its endings, what suspends it, what the ledger says."""
