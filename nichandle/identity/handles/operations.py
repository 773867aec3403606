"""Issuing identifiers and adopting those of another system."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.handles import identifier
from nichandle.identity.handles.identifier import SEVEN_DIGITS, SIX_DIGITS, Identifier
from nichandle.identity.handles.letters import FALLBACK
from nichandle.identity.handles.models import Handle
from nichandle.platform.kernel.database import fetch_one, stored_time
from nichandle.platform.kernel.errors import Refused

DRAWS = 4
"""Draws per width; when all are taken the pair widens, then falls back to ``xx``."""
TRIES = 8
"""Times all widths are drawn anew, when overtaken or when both pairs are nearly used up."""

# The draws are tried in their order and only as far as the first free one: the comparison with NULL
# keeps PostgreSQL from turning it round into a join. Who was overtaken between look and insert gets
# no row.
_INSERT = """
    WITH drawn (key, text) AS (VALUES {draws})
    INSERT INTO handles_handle (key, text, kind, alias_of_id, issued_at)
    SELECT drawn.key, drawn.text, 'issued', NULL, %s FROM drawn
     WHERE (SELECT h.id FROM handles_handle h WHERE h.key = drawn.key) IS NULL
     LIMIT 1
    ON CONFLICT (key) DO NOTHING RETURNING id, key, text
"""


class HandleTaken(Refused):
    code = "handle.taken"
    message = _("This identifier belongs to another account.")


class HandleNotValid(Refused):
    code = "handle.not_valid"
    message = _("This is not an identifier: %(text)s.")


class LedgerFull(RuntimeError):
    """Every draw of every width was taken, again and again: both pairs are used up."""


def issue(*, letters: str, now: datetime) -> Handle:
    """
    Issue a new identifier that begins with ``letters``; call it inside the account's transaction.

    One statement takes the first free draw: the same work with ten identifiers in the ledger or ten
    million. The unique key decides between simultaneous transactions; who loses draws anew.

    :raises identifier.NotAnIdentifier: when these are not two letters from a to z
    :raises LedgerFull: when draw after draw was taken
    """
    for _try in range(TRIES):
        if (handle := _take(list(_draws(letters)), now)) is not None:
            return handle
    raise LedgerFull(letters)


def adopt(*, text: str, now: datetime, alias_of: Handle | None = None) -> Handle:
    """
    Enter an identifier that another system issued, as an identifier of its own or as an alias.

    Entering the same again returns what is there. An alias of an alias is one of the identifier
    that it stands for.

    :raises HandleNotValid: when it has neither our form nor the RIPE database's
    :raises HandleTaken: when it means something else here already
    """
    main = (alias_of.alias_of or alias_of) if alias_of else None
    kind = Handle.Kind.ALIAS if main else Handle.Kind.IMPORTED
    written = _written(text)
    handle = Handle(
        key=identifier.key(written), text=written, kind=kind, alias_of=main, issued_at=now
    )
    try:
        with transaction.atomic():
            handle.save(force_insert=True)
    except IntegrityError as taken:
        there = Handle.objects.get(key=handle.key)
        if there != main and (there.kind, there.alias_of_id) != (kind, handle.alias_of_id):
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


def _take(draws: Sequence[Identifier], now: datetime) -> Handle | None:
    sql = _INSERT.format(draws=", ".join(["(%s, %s)"] * len(draws)))
    texts = [text for draw in draws for text in (draw.key, str(draw))]
    row = fetch_one(sql, [*texts, stored_time(now)])
    if row is None:
        return None
    number, key, text = row
    return Handle(id=number, key=key, text=text, kind=Handle.Kind.ISSUED, issued_at=now)


def _written(text: str) -> str:
    """Write an adopted identifier as it will be shown: ours like all of ours, others as given."""
    given = text.strip()
    with suppress(identifier.NotAnIdentifier):
        read = Identifier.read(given, suffix=settings.NICHANDLE_SUFFIX)
        if read.suffix == settings.NICHANDLE_SUFFIX or not identifier.is_foreign(given):
            return str(read)
    if identifier.is_foreign(given):
        return given
    raise HandleNotValid(text=text)
