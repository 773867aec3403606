"""
Statements taken, and their lines booked where nothing is in doubt.

All lines are kept in one transaction, then each is booked in one of its own, with everything it
pays: a line is booked altogether or not at all, and what is cut short is made good when the
statement is taken again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments.book import booking, refunds
from nichandle.commerce.payments.book.booking import Source
from nichandle.commerce.payments.models import BankLine, Receivable, Refund, TakenStatement
from nichandle.commerce.payments.statements import camt, columns, matching
from nichandle.commerce.payments.statements.reading import (
    BankStatement,
    StatementLine,
    StatementRefused,
    check_balances,
)
from nichandle.commerce.payments.words import ASIDE, BOOKED, FROM_STATEMENT, LINE_WAITING
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked

MEANS = "transfer"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file: its lines booked, waiting, of no customer's concern, known before."""

    statements: int
    booked: int
    waiting: int
    aside: int
    known: int


def read(data: bytes, how: columns.ColumnMapping | None = None) -> list[BankStatement]:
    """
    Read a file: columns where there is a mapping, camt.053 where there is none.

    :raises StatementRefused: when it is not to be trusted, as a whole
    """
    found = columns.read(data, how) if how else camt.read(data)
    for statement in found:
        check_balances(statement)
    keys = [line.key for statement in found for line in statement.lines]
    if len(set(keys)) != len(keys):
        raise StatementRefused(_("the same entry stands in it twice."))
    return found


def take(found: Sequence[BankStatement], *, act: Act) -> Outcome:
    """Take statements; one that was taken before, and a line that came before, are passed over."""
    ids: list[int] = []
    known = 0
    for statement in found:
        kept, before = _keep(statement, act)
        ids, known = [*ids, *kept], known + before
    for line_id in ids:
        _book(line_id, act)
    states = list(BankLine.objects.filter(pk__in=ids).values_list("state", flat=True))
    return Outcome(
        statements=len(found),
        booked=states.count(BOOKED),
        waiting=states.count(LINE_WAITING),
        aside=states.count(ASIDE),
        known=known,
    )


@transaction.atomic
def _keep(statement: BankStatement, act: Act) -> tuple[list[int], int]:
    """Write a statement and its lines; return those that wait, and how many were known before."""
    taken, _new = TakenStatement.objects.get_or_create(
        iban=statement.iban,
        number=statement.number,
        defaults={
            "currency": statement.currency,
            "opening_minor": statement.opening.minor if statement.opening else None,
            "closing_minor": statement.closing.minor if statement.closing else None,
            "taken_at": act.now,
            "by": act.by,
        },
    )
    keys = [_key(line) for line in statement.lines]
    before = set(BankLine.objects.filter(key__in=keys).values_list("key", flat=True))
    BankLine.objects.bulk_create(
        [_row(taken, line) for line in statement.lines if _key(line) not in before],
        ignore_conflicts=True,
    )
    waiting = BankLine.objects.filter(key__in=keys, state=LINE_WAITING)
    return list(waiting.order_by("pk").values_list("pk", flat=True)), len(before)


def _key(line: StatementLine) -> str:
    return sha256(line.key.encode()).hexdigest()


def _row(taken: TakenStatement, line: StatementLine) -> BankLine:
    return BankLine(
        statement=taken,
        key=_key(line),
        amount_minor=line.amount.minor,
        currency=line.amount.currency,
        booked_on=line.booked_on,
        reference=line.reference or line.end_to_end,
        text=line.text,
        name=line.name,
        iban=line.iban,
        taken_back=line.returned,
    )


@transaction.atomic
def _book(line_id: int, act: Act) -> None:
    """Book a line where nothing is in doubt, with everything it pays; the rest waits."""
    line = hold(line_id)
    if line is None:
        return
    owed = matching.certain(line)
    if owed:
        _pay(line, owed, act)
    elif not _was_sent(line, act) and _our_own(line):
        settle(line, ASIDE, None, act=act)


def _pay(line: BankLine, owed: Sequence[Receivable], act: Act) -> None:
    """Pay all that a line is for, or nothing where something has changed before it was locked."""
    held = booking.lock_all(each.pk for each in owed)
    if sum(each.missing_minor for each in held) != line.amount_minor:
        return
    for each in held:
        if each.missing_minor:
            booking.receive(each, each.missing, source_of(line), act=act)
    settle(line, BOOKED, held[0], act=act)


def _was_sent(line: BankLine, act: Act) -> bool:
    """End the refund that a line proves to be sent; False where it proves none."""
    found = matching.refund_of(line)
    if found is None:
        return False
    owed = booking.lock_by_id(found.receivable_id)
    # Which of several equal ones is still to be proven is known only under the lock.
    refund = matching.refund_of(line)
    if refund is None:
        return False
    refunds.complete(owed, refund.pk, act=act)
    Refund.objects.filter(pk=refund.pk).update(line=line)
    settle(line, BOOKED, owed, act=act)
    return True


def hold(line_id: int) -> BankLine | None:
    """Lock a line that waits; None when somebody has decided about it."""
    return locked(BankLine.objects.filter(pk=line_id, state=LINE_WAITING)).first()


def source_of(line: BankLine) -> Source:
    """Name a line as the source of a movement."""
    return Source(MEANS, f"{FROM_STATEMENT}{line.key}")


def settle(
    line: BankLine,
    state: str,
    owed: Receivable | None,
    *,
    words: str = "",
    by: str = "",
    act: Act,
) -> None:
    """Write what became of a line, whose row the caller holds; ``by`` whom, if by a person."""
    line.state, line.receivable, line.words = state, owed, words[:300]
    line.by, line.decided_at = by, act.now
    line.save(update_fields=["state", "receivable", "words", "by", "decided_at"])


@dataclass(frozen=True, slots=True)
class Foreseen:
    """
    What would become of a line: known, booked, sent (the refund it proves), aside or waiting.

    ``about`` are the numbers of what it pays, or of what the refund is of.
    """

    line: BankLine
    fate: Literal["known", "booked", "sent", "aside", "waiting"]
    about: Sequence[str] = ()


def preview(found: Sequence[BankStatement]) -> list[Foreseen]:
    """Return what would become of each line, writing nothing."""
    shown: list[Foreseen] = []
    for statement in found:
        rows = [_row(TakenStatement(iban=statement.iban), line) for line in statement.lines]
        keys = [row.key for row in rows]
        known = set(BankLine.objects.filter(key__in=keys).values_list("key", flat=True))
        shown += [_foreseen(row, known=row.key in known) for row in rows]
    return shown


def _foreseen(line: BankLine, *, known: bool) -> Foreseen:
    """Decide as ``_book`` does."""
    if known:
        return Foreseen(line, "known")
    if owed := matching.certain(line):
        return Foreseen(line, "booked", [each.number for each in owed])
    if refund := matching.refund_of(line):
        return Foreseen(line, "sent", [refund.receivable.number])
    return Foreseen(line, "aside" if _our_own(line) else "waiting")


def _our_own(line: BankLine) -> bool:
    """Tell whether a line is what we pay ourselves: no customer's concern."""
    return line.amount_minor < 0 and not line.taken_back
