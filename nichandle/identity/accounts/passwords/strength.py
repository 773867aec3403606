"""How strong a password is, in five steps and in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.passwords.guessing import guesses
from nichandle.identity.accounts.passwords.rules import (
    MINIMUM_LENGTH,
    SHORT_MINIMUM_LENGTH,
    judge,
    normalise,
    own_words,
)
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.later import later

time_estimates = later("zxcvbn.time_estimates")

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
    text, words = normalise(password), own_words(own)
    minimum = SHORT_MINIMUM_LENGTH if second_factor else MINIMUM_LENGTH
    found = guesses(text, words)
    score = int(time_estimates.guesses_to_score(found))
    try:
        judge(text, words, minimum=minimum, guessed=lambda: found)
    except Refused as refusal:
        return Strength(min(score, 1), str(refusal), ok=False)
    return Strength(score, str(WORDS[score]), ok=True)
