"""
Services: what customers rent, and who has which role on each.

permissions      who may do what, as a table
obstacles        what keeps an account from taking part in a hand-over; upper rooms add to it
names            what services are called
words products   the closed lists, as customers read them
"""
