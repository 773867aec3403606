"""
Giving documents their numbers: without a gap, in the order of days, by one process at a time.

leases      which process issues a series
numbering   the counter of a series and year, and the day a document bears
issue       one document from its drafts: judged, rendered, numbered, kept
waiting     what the worker does when drafts wait
"""
