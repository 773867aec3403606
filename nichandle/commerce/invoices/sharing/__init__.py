"""Showing a document to others: links that open one of them."""
