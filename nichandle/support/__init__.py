"""
What helps customers further.

tickets   a question, its answers, and how it ended
"""
