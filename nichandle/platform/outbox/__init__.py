"""Mail: written in the transaction of the fact it tells, sent by the worker."""
