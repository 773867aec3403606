"""
The life of an order: placed, paid, checked, delivered, ended.

steps      one step: which state may follow which, and what the history says of it
placing    from the basket to the order
paying     what payments tell of it
checking   what a paid order becomes: services, an invoice, deliveries
arriving   delivered, with the last of its lines
parts      what its lines are in the quote, and what is owed for them
ending     cancelled by its customer, by time, by the operator
"""
