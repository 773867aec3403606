"""
The change of the primary address: both sides heard, silence counted, undone at will.

confirmation   the code to the current address, the proof of the new one
outcome        taking effect, every other ending, and undoing
"""
