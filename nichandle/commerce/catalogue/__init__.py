"""
Catalogue: what can be ordered, at which price, on which terms; a file the operator edits.

offers questions   what it says, and how its questions are answered
reading writing    from the file to that, and from that to what is kept
following          takes the file over when it has changed
"""
