"""
What customers order, rent, pay and are invoiced for, and with whom they share it.

catalogue   what can be ordered, at which price, on which terms
services    what is rented, and the roles on it
contacts    handing roles over
invoices    documents the law asks for: VAT, numbers, PDF and XML
payments    what is owed, and the money that comes for it
orders      from the basket to what is paid and delivered
"""
