"""
Accounts: who the customer is, by which rules details are given, and passwords.

rules                which fields an account has, by country and kind
passwords            which are accepted, how strong they are, their hashes
primary              the address that signs in: whose it is, and for whom it is kept
recovery_addresses   those that help back in: added, proven, told of
credentials          what signing in needs of an account, in one statement
"""
