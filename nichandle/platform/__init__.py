"""
What every self-hosted service needs, and nothing that knows a customer.

kernel         refusals, secrets, origin, text, money, paging; no rows
ui             look, templates, components
jobs           work for later, and the worker
installation   whose database it is, and whether it takes a write
audit          the ledger
limits         allowances
outbox         mails, written with the fact they tell
"""
