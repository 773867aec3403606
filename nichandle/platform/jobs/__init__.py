"""Work for later: written in the transaction that causes it, done by the worker."""
