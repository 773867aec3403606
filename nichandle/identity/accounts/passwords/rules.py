"""Which passwords are accepted: NIST SP 800-63B-4, section 3.1.1.2; ASVS 5.0, chapter 6.2."""

import re
import unicodedata
from collections.abc import Callable, Iterable

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.passwords import guessing, lists
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording.text import fold

MINIMUM_LENGTH = 15
SHORT_MINIMUM_LENGTH = 8
MAXIMUM_LENGTH = 128
LONG, SHORT = "long", "short"
OWN_WORD_LENGTH = 4
"""A word of the person's own data shorter than this may stand in a password."""
OWN_TEXT_LENGTH = 254
"""So much of an address or name is looked for; no address is longer."""

_WORD = re.compile(r"[^\W_]+")


class PasswordTooShort(Refused):
    code = "password.too_short"
    message = _("Use at least %(minimum)s characters; several words are easy to remember.")
    field = "password"


class PasswordTooLong(Refused):
    code = "password.too_long"
    message = _("Use at most %(maximum)s characters.")
    field = "password"


class PasswordCommon(Refused):
    code = "password.common"
    message = _("This password is among those tried first by thieves. Choose another.")
    field = "password"


class PasswordBreached(Refused):
    code = "password.breached"
    message = _("This password has appeared in a data theft elsewhere. Choose another.")
    field = "password"


class PasswordOwnData(Refused):
    code = "password.own_data"
    message = _("This password is made of your own data or of our name. Choose another.")
    field = "password"


def normalise(password: str) -> str:
    """
    Bring to NFC, so that the same password from two keyboards is the same.

    Marks on one letter are sorted, in a time that grows with the square of their number: what is
    too long to be accepted is cut before. NFC makes one sign of four at most, so what was cut is
    still too long.
    """
    return unicodedata.normalize("NFC", password[: MAXIMUM_LENGTH * 4 + 1])


def length_class(password: str) -> str:
    """Say whether a password is long enough to be the only factor."""
    return LONG if len(normalise(password)) >= MINIMUM_LENGTH else SHORT


def check(password: str, *, own: Iterable[str] = (), second_factor: bool = False) -> None:
    """
    Accept a new password, or say what is wrong with it.

    Any characters, no composition rules. ``own`` is what belongs to the person: address, names,
    identifier.

    :raises PasswordTooShort: below 15 characters, 8 with a second factor
    :raises PasswordTooLong: above 128 characters
    :raises PasswordOwnData: when little is left of it without the person's own words
    :raises PasswordCommon: when it is in the lists shipped, or as easily guessed
    :raises PasswordBreached: when it is in the operator's list
    """
    text, words = normalise(password), own_words(own)
    minimum = SHORT_MINIMUM_LENGTH if second_factor else MINIMUM_LENGTH
    judge(text, words, minimum=minimum, guessed=lambda: guessing.guesses(text, words))


def judge(text: str, words: set[str], *, minimum: int, guessed: Callable[[], float]) -> None:
    """Do what ``check`` does, for a caller that may have counted the guesses already."""
    if len(text) < minimum:
        raise PasswordTooShort(minimum=minimum)
    if len(text) > MAXIMUM_LENGTH:
        raise PasswordTooLong(maximum=MAXIMUM_LENGTH)
    if _made_of(text, words):
        raise PasswordOwnData
    if lists.common(text) or _repeats(text) or guessed() < guessing.EASY:
        raise PasswordCommon
    if lists.breached(text):
        raise PasswordBreached


def own_words(own: Iterable[str]) -> set[str]:
    """Return the words of the person's own data and of our name, folded."""
    return {
        word
        for text in (*own, settings.NICHANDLE_BRAND)
        for word in _WORD.findall(fold(text[:OWN_TEXT_LENGTH]))
        if len(word) >= OWN_WORD_LENGTH
    }


def _made_of(password: str, words: Iterable[str]) -> bool:
    """Tell whether fewer than eight letters and digits are left without the person's words."""
    left = "".join(_WORD.findall(fold(password)))
    found = False
    for word in sorted(words, key=len, reverse=True):
        if word in left:
            found, left = True, left.replace(word, "")
    return found and len(left) < SHORT_MINIMUM_LENGTH


def _repeats(password: str) -> bool:
    """Tell whether it is a short piece over and over, or a common password written twice."""
    folded = password.casefold()
    for size in range(1, len(folded) // 2 + 1):
        if len(folded) % size == 0 and folded == folded[:size] * (len(folded) // size):
            return size <= 4 or lists.common(folded[:size])
    return False
