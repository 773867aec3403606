"""
Invoices: documents the law asks for, numbered without a gap and never changed.

vat vies sales     which VAT a sale bears and why, what VIES knows; what it comes to
selling            who sells: the seller's file, read and checked
documents          an invoice as PDF and XML, and what judges it
models frozen      what is kept, and facts as they were
drafting issuing   what is to be issued, and how it is given its number
proof dues         that it is as it was issued; what is paid of it
archives sharing   years as ZIP; links that show one of them to others
accounting         journals for accountants, VAT by state and rate
"""
