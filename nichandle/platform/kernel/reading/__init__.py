"""
Reading what several rooms know, in one message to the database.

questions   queries built once, asked together
"""
