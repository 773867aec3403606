"""Second factors: authenticator apps, security keys and passkeys, recovery codes, trust."""
