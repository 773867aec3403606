"""
Second factors: authenticator apps, security keys and passkeys, recovery codes, trust.

totp             the codes of an app
ceremony         what a key is asked, and whether its answer is right
recovery_codes   for when all else is lost
answers          what somebody gives to prove any of them
"""
