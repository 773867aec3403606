"""
Identifiers: their form, their check digit, and the ledger of all ever issued.

identifier verhoeff   the form and the check digit; no rows
letters reserved      with which two letters one begins
spelling dictation    what was meant by what was typed, and how one is said aloud
"""
