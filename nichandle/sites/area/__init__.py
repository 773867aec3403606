"""
The customer area: its home, the account's own pages, and the public home.

ledger security codes   what these pages show, in words
shop                    families, products and terms, for everybody
mailbox                 the mails of demo mode, without a mail server
"""
