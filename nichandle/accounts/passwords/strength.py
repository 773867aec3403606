"""How strong a password is, in five steps and in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from zxcvbn import zxcvbn

from nichandle.accounts.passwords.rules import check
from nichandle.kernel.errors import Refused

ESTIMATED_LENGTH = 64
"""The estimate takes time by the square of the length; what is longer is strong anyway."""

WORDS: tuple[Promise, ...] = (
    _("Very weak: guessed at once"),
    _("Weak: guessed within a day"),
    _("Fair: resists casual guessing"),
    _("Good: resists a determined thief"),
    _("Strong"),
)


@dataclass(frozen=True, slots=True)
class Strength:
    """``score`` from 0 to 4; ``ok`` says whether the rules accept it, ``words`` what to do."""

    score: int
    words: str
    ok: bool


def strength(password: str, own: Sequence[str] = (), *, second_factor: bool = False) -> Strength:
    """Estimate a password against guessing, and say whether it would be accepted."""
    if not password:
        return Strength(0, "", ok=False)
    found = zxcvbn(password[:ESTIMATED_LENGTH], user_inputs=[text for text in own if text])
    score = int(found["score"])
    try:
        check(password, own=own, second_factor=second_factor)
    except Refused as refusal:
        return Strength(min(score, 1), str(refusal), ok=False)
    return Strength(score, str(WORDS[score]), ok=True)
