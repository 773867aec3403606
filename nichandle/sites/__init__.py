"""
What people and programs enter by, where it takes several rooms at once.

area   the customer area
desk   the reviewers' pages
"""
