"""
The book of what is owed: what came, what was taken back, what goes back.

booking  money that comes in and is taken back
refunds  money that goes back by the means it came with
"""
