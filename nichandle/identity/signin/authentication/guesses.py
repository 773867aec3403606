"""
Wrong codes and passwords one after another: besides the hourly limits, a hundred and no more.

NIST SP 800-63B-4, section 3.2.2, for what can be guessed: an app's six digits, and the password of
somebody who sits at a session that is not theirs. A success forgets them. Keys and recovery codes,
which nobody guesses, go on being taken, and so does each browser's own hundred.
"""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from nichandle.identity.factors.answers import Answer
from nichandle.platform.kernel.database import Statement
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits import operations as limits
from nichandle.platform.limits.catalogue import LimitName
from nichandle.platform.limits.errors import Exhausted

Wanted = tuple[LimitName, str]


class AppClosed(Refused):
    code = "signin.app_closed"
    message = _(
        "After too many wrong codes those of an app are no longer taken here. Use a security key "
        "or a recovery code."
    )
    field = "code"
    status = 429


class PasswordGuessed(Refused):
    code = "signin.password_guessed"
    message = _(
        "After too many wrong passwords this page takes none any more. Sign out, and receive a "
        "link for a new password."
    )
    field = "password"
    status = 429


CLOSED: dict[str, type[Refused]] = {"guess.app": AppClosed, "guess.password": PasswordGuessed}


def check(*wanted: Wanted, now: datetime) -> None:
    """
    Look, in one statement, whether all of this has something left; counts nothing.

    :raises AppClosed, PasswordGuessed: when a hundred guesses in a row were wrong
    :raises Exhausted: when another limit is spent
    """
    try:
        limits.check(*wanted, now=now)
    except Exhausted as spent:
        raise CLOSED[spent.name]() if spent.name in CLOSED else spent from None


def of_app(answer: Answer, key: UUID | str) -> list[Wanted]:
    """Return what a wrong answer is counted by, where it is one that can be guessed."""
    return [("guess.app", str(key))] if answer.method == "app" else []


def of_password(account_id: UUID) -> list[Wanted]:
    """Return what a wrong password is counted by, given by somebody signed in."""
    return [("guess.password", str(account_id))]


def counting(wanted: list[Wanted], *, now: datetime) -> list[Statement]:
    """Return the statements that count a wrong guess, for a caller that sends more."""
    return [limits.spending(name, key=key, now=now) for name, key in wanted]


def forget(wanted: list[Wanted]) -> None:
    """Forget the guesses before a right answer."""
    for name, key in wanted:
        limits.reset(name, key=key)


def signed_in(account_id: UUID) -> str:
    """Return the key of what is guessed at in a session: apart from those who have none."""
    return f"{account_id} signed in"
