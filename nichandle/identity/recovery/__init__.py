"""
Getting back in: the lost password and the lost identifier, and disowning what was not one's own.

links       the links for a new password, and who may stop them
not_me      an act is disowned, and the account made safe
addresses   recovery addresses, added and removed by somebody signed in
procedure   for those who no longer read their address, or lost their second factor
"""
