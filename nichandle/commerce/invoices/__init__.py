"""
Invoices: documents the law asks for, numbered without a gap and never changed.

vat         which VAT a sale bears, and why, from dated tables
documents   an invoice as PDF and XML, and what judges it
selling     who sells: the seller's file, read and checked
"""
