"""
Tickets: a customer asks, customer service answers, and the customer says how it was.

operations   the customer's side of it
answering    customer service's side
steps        what both sides do to a ticket: under its lock, with the ledger
"""
