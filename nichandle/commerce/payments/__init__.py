"""Payments: what is owed, and the money that came for it, by whatever means."""
