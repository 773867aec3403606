"""Showing documents to others: links that open one of them, copies of all."""
