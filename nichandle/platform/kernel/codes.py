"""
A code mailed to somebody who types it in: made, kept as a digest, compared, used up.

A row that waits for a code keeps it in columns of its own; its model names them once:

    code = MailedCode("signup", owner="secret_digest")

and ``row.code`` does the rest. Counting wrong tries is left to whoever asks for the code.
"""

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Self, overload

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused

CODE_LENGTH = 8
LONGEST_TYPED = 200
"""More than this is no code with something around it."""
_CODE = re.compile(rf"[{tokens.CODE_LETTERS}]{{{CODE_LENGTH}}}")


class CodeUnreadable(Refused):
    """It cannot be a code at all, so nothing was guessed: no try is spent."""

    code = "code.unreadable"
    message = _("This cannot be the code: it has eight letters, such as BCDF-GHJK. Copy it again.")
    field = "code"


@dataclass(frozen=True, slots=True)
class MailedCode:
    """
    Names the columns in which the rows of a model keep a mailed code.

    The digest is bound to ``purpose``, to the column that tells the ``owner`` row from all others,
    and to how many codes were ``sent``: a code is worth nothing for another purpose, in another
    row, or once a newer one was mailed. These texts are part of the digests that wait in the
    database, so changing one voids every code that is on its way.
    """

    purpose: str
    owner: str = "pk"
    digest: str = "code_digest"
    expires_at: str = "code_expires_at"
    sent: str = "sent"

    @overload
    def __get__(self, row: None, model: type[Model]) -> Self: ...
    @overload
    def __get__(self, row: Model, model: type[Model]) -> "Code": ...
    def __get__(self, row: Model | None, model: type[Model]) -> "Self | Code":
        return self if row is None else Code(self, row)


@dataclass(frozen=True, slots=True)
class Code:
    """The code that one row waits for. It changes the row's columns; the caller saves them."""

    columns: MailedCode
    row: Model

    def issue(self, *, until: datetime) -> str:
        """Make a code that is good before ``until``, for its mail; the one before is void."""
        code = mint_code()
        setattr(self.row, self.columns.digest, tokens.code_digest(code, self.purpose))
        setattr(self.row, self.columns.expires_at, until)
        return code

    def fits(self, typed: str, *, now: datetime) -> bool:
        """
        Tell whether this, as a person types it, is the code mailed last and still good.

        :raises CodeUnreadable: when it can be no code, whatever was mailed; not to be counted
        """
        code = normalise_code(typed)
        if code is None:
            raise CodeUnreadable
        if self.expired(now):
            return False
        kept: str = getattr(self.row, self.columns.digest)
        return tokens.same(tokens.code_digest(code, self.purpose), kept)

    def expired(self, now: datetime) -> bool:
        """Tell whether its time is over; also where none was ever made."""
        until: datetime | None = getattr(self.row, self.columns.expires_at)
        return until is None or now >= until

    def spend(self) -> None:
        """Use the code up: nothing fits from now on, until another is made."""
        setattr(self.row, self.columns.digest, "")

    @property
    def purpose(self) -> str:
        """
        What the digest is bound to.

        :raises ValueError: for a row that nothing tells from others yet
        """
        owner = getattr(self.row, self.columns.owner)
        if not owner:
            raise ValueError(f"{type(self.row).__name__}.{self.columns.owner} is not set yet")
        return f"{self.columns.purpose} {owner} {getattr(self.row, self.columns.sent)}"


def mint_code() -> str:
    """Make a code for a person to type, ``XXXX-XXXX``, 34 bits."""
    letters = "".join(secrets.choice(tokens.CODE_LETTERS) for _ in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def normalise_code(text: str) -> str | None:
    """Bring a typed code to ``XXXX-XXXX``; None when it cannot be a code at all."""
    letters = letters_and_digits(text)
    return f"{letters[:4]}-{letters[4:]}" if _CODE.fullmatch(letters) else None


def letters_and_digits(typed: str) -> str:
    """
    Return what stands in a copied code: its letters and digits, in capitals.

    What is copied from a mail or a chat brings along what nobody sees or means: spaces, dashes,
    brackets, zero-width and direction signs, underlines. Compatibility forms (full-width, bold,
    circled: Unicode's NFKC) and the digits of other scripts are the same letters and digits;
    letters of other scripts that only look alike are not. Empty when it is too long to be a code.
    """
    if len(typed) > LONGEST_TYPED:
        return ""
    signs = (sign for sign in unicodedata.normalize("NFKC", typed) if sign.isalnum())
    return "".join(_capital(sign) for sign in signs)


def _capital(sign: str) -> str:
    # Letters beyond ASCII stay as they are: the capital of ß is two letters of a code.
    return sign.upper() if sign.isascii() else str(unicodedata.decimal(sign, sign))
