"""The ledger: who did what, when, from where; append-only and chained for each account."""
