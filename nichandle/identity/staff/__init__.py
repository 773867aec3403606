"""
The provider's people: who they are, their role and its rights, and the ledger of what they do.

people    invited, changed, dismissed
roles     which role may do what, as data
ledger    what staff have done, for the desk administrator

They sign in at the desk (``sites/desk``), whose keys need ``factors``, a room above this one.
"""
