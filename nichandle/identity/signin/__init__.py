"""
Signing in and out, and the sessions that signing in opens. Each folder builds on those before it:

recognition        the browsers and networks an account knows
sessions           what signing in opens: kept, read at each page, ended
authentication     coming in: password, second step, allowances, waits
reauthentication   a fresh sign-in before sensitive acts
credentials        changing the password, setting factors up and removing them, ending a pause
"""
