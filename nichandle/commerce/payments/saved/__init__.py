"""
Means of payment that accounts have saved: kept by a provider, charged when the account owes.

keeping   saving one, choosing the usual one, removing it
charging  paying with one, whether its holder is there or not
mails     what its account is told
"""
