"""Case numbers, such as D-7K3M-92QF: random, and safe to read out and to copy by hand."""

import secrets

SIGNS = "234679CDFGHJKMNPQRTVWX"
"""No vowels, so no words; no 0 O, 1 I L, 5 S, 8 B, 2 Z taken for each other."""


def draw() -> str:
    """Draw a number; 35 bits, so that there is no counting and no guessing."""
    signs = "".join(secrets.choice(SIGNS) for _ in range(8))
    return f"D-{signs[:4]}-{signs[4:]}"


def normalise(text: str) -> str:
    """Bring a typed number to its form; nonsense stays nonsense."""
    signs = "".join(sign for sign in text.upper() if sign.isalnum())
    signs = signs.removeprefix("D") if len(signs) == 9 else signs
    return f"D-{signs[:4]}-{signs[4:8]}"
