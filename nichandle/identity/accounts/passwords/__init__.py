"""Passwords: which are accepted, how strong they are, and their hashes."""

from nichandle.identity.accounts.passwords.hashing import decoy, hash_password, outdated, verify
from nichandle.identity.accounts.passwords.rules import (
    LONG,
    MAXIMUM_LENGTH,
    MINIMUM_LENGTH,
    SHORT,
    SHORT_MINIMUM_LENGTH,
    PasswordTooShort,
    check,
    length_class,
    normalise,
)
from nichandle.identity.accounts.passwords.strength import Strength, strength

__all__ = [
    "LONG",
    "MAXIMUM_LENGTH",
    "MINIMUM_LENGTH",
    "SHORT",
    "SHORT_MINIMUM_LENGTH",
    "PasswordTooShort",
    "Strength",
    "check",
    "decoy",
    "hash_password",
    "length_class",
    "normalise",
    "outdated",
    "strength",
    "verify",
]
