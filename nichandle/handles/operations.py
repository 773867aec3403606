"""Issuing identifiers and adopting those of another system."""

import secrets
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nichandle.handles import identifier
from nichandle.handles.identifier import SEVEN_DIGITS, SIX_DIGITS, Identifier
from nichandle.handles.letters import FALLBACK
from nichandle.handles.models import Handle
from nichandle.kernel.database import fetch_one, stored_time
from nichandle.kernel.errors import Refused

DRAWS = 4
"""Draws per width; when all are taken the pair widens, then falls back to ``xx``."""

_INSERT = """
    INSERT INTO handles_handle (key, text, kind, alias_of_id, issued_at)
    VALUES (%s, %s, 'issued', NULL, %s)
    ON CONFLICT (key) DO NOTHING RETURNING id
"""


class HandleTaken(Refused):
    code = "handle.taken"
    message = _("This identifier belongs to another account.")


class HandleNotValid(Refused):
    code = "handle.not_valid"
    message = _("This is not an identifier: %(text)s.")


class LedgerFull(RuntimeError):
    """Every draw of every width was taken; at ten million identifiers that does not happen."""


def issue(*, letters: str, now: datetime) -> Handle:
    """
    Issue a new identifier that begins with ``letters``; call it inside the account's transaction.

    One look for which draws are taken, one insert: the same work with ten identifiers in the
    ledger or ten million. The unique key decides between simultaneous transactions.

    :raises LedgerFull: when all draws are taken
    """
    draws = list(_draws(letters))
    keys = [draw.key for draw in draws]
    taken = set(Handle.objects.filter(key__in=keys).values_list("key", flat=True))
    for draw in draws:
        if draw.key not in taken and (handle := _insert(draw, now)) is not None:
            return handle
    raise LedgerFull(letters)


def adopt(*, text: str, now: datetime, alias_of: Handle | None = None) -> Handle:
    """
    Enter an identifier that another system issued, as an identifier of its own or as an alias.

    Entering the same again returns what is there.

    :raises HandleNotValid: when it has not the RIPE database's form of a handle
    :raises HandleTaken: when it means something else here already
    """
    if not identifier.is_foreign(text) and not _own_form(text):
        raise HandleNotValid(text=text)
    kind = Handle.Kind.ALIAS if alias_of else Handle.Kind.IMPORTED
    handle = Handle(
        key=identifier.key(text), text=text, kind=kind, alias_of=alias_of, issued_at=now
    )
    try:
        with transaction.atomic():
            handle.save(force_insert=True)
    except IntegrityError as taken:
        there = Handle.objects.get(key=handle.key)
        if (there.kind, there.alias_of_id) != (kind, alias_of.pk if alias_of else None):
            raise HandleTaken from taken
        return there
    return handle


def _draws(letters: str) -> Iterator[Identifier]:
    for pair in dict.fromkeys((letters, FALLBACK)):
        for width in (SIX_DIGITS, SEVEN_DIGITS):
            for _draw in range(DRAWS):
                yield Identifier.make(pair, _body(width - 1), settings.NICHANDLE_SUFFIX)


def _body(length: int) -> str:
    # Not sequential: an identifier must not tell how many customers there are. No leading zero,
    # which the RIPE grammar forbids and spreadsheets eat.
    lowest = 10 ** (length - 1)
    return str(lowest + secrets.randbelow(9 * lowest))


def _insert(draw: Identifier, now: datetime) -> Handle | None:
    row = fetch_one(_INSERT, [draw.key, str(draw), stored_time(now)])
    if row is None:
        return None
    return Handle(id=row[0], key=draw.key, text=str(draw), kind=Handle.Kind.ISSUED, issued_at=now)


def _own_form(text: str) -> bool:
    try:
        Identifier.read(text)
    except identifier.NotAnIdentifier:
        return False
    return len(text) <= identifier.MAXIMUM_LENGTH
