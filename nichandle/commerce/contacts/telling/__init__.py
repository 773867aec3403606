"""Whom one tells that roles change hands, and of which services."""
