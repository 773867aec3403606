"""From the creation page to an account: address proven first, details second."""
