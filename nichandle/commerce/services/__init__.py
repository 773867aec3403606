"""
Services: what customers rent, and who has which role on each.

permissions      who may do what, as a table
obstacles        what keeps an account from taking part in a hand-over; upper rooms add to it
names plans      what services are called, and what of the catalogue they are
words products   the closed lists, as customers read them
"""
