"""Invoices: documents the law asks for, numbered without a gap and never changed."""
