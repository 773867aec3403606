"""
Withdrawal: a consumer gives a contract up, in the two steps and the words of the law.

declaring   the declaration, what it brings, and who may contest it
"""
