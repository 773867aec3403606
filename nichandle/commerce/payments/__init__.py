"""
Payments: what is owed, and the money that came for it, by whatever means.

models      what is owed, tries to pay it, what the bank says
book        money booked for what is owed, and money that goes back
providers   those through whom customers pay at once
saved       means of payment that accounts have saved
statements  what the bank says
"""
