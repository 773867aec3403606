"""
The book of what is owed: what came, what was taken back, what goes back.

booking  money that comes in
taking   money that is taken back, and given again
refunds  money that goes back by the means it came with
"""
