"""How the tests hash passwords."""

from nichandle.identity.accounts.passwords.hashers import Argon2


class CheapArgon2(Argon2):
    """
    The least that Argon2 can be asked for: what tests hash is known to everybody.

    The product's own parameters are tried in `accounts/tests/test_passwords.py`.
    """

    memory_cost = 16
    time_cost = 1
