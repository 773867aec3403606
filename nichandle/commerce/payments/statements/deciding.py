"""What people say of the lines that were left: what they are for, or that they go back."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.commerce.payments.book import booking, refunds, taking
from nichandle.commerce.payments.errors import ReceivableNotFound
from nichandle.commerce.payments.models import BankLine, Receivable, Refund
from nichandle.commerce.payments.references import number_of
from nichandle.commerce.payments.statements.importing import hold, settle, source_of
from nichandle.commerce.payments.words import ASIDE, BOOKED, BY_HAND, DONE, LINE_RETURNED
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused


class LineDecided(Refused):
    code = "statement.line_decided"
    message = _("Somebody has decided about this line already.")
    status = 409


class LineWordsMissing(Refused):
    code = "statement.words_missing"
    message = _("Write why, so that whoever reads it later understands.")
    field = "words"


class OtherCurrency(Refused):
    code = "statement.other_currency"
    message = _("That is owed in another currency.")
    field = "number"


class NothingLikeThat(Refused):
    code = "statement.no_such_number"
    message = _("Nothing is owed under this number or reference.")
    field = "number"


@transaction.atomic
def assign(line_id: int, number: str, *, act: Act) -> Receivable:
    """
    Book a line for what a person says it is for, by number, reference or order.

    Money that came pays it, in part too, and what is beyond is the customer's credit; money that
    the bank took back is taken from it.

    :raises LineDecided: when somebody was faster
    :raises NothingLikeThat: when nothing is owed under the number
    :raises OtherCurrency: when that is owed in another currency
    """
    line = _waiting(line_id)
    owed = _find(number)
    if owed is None:
        raise NothingLikeThat
    if owed.currency != line.currency:
        raise OtherCurrency
    held = booking.lock_by_id(owed.pk)
    if line.amount_minor > 0:
        booking.receive(held, line.amount, source_of(line), act=act)
    else:
        taking.take_back(held, -line.amount, source_of(line), act=act)
    settle(line, BOOKED, held, by=act.by, act=act)
    return held


@transaction.atomic
def put_aside(line_id: int, *, words: str, act: Act) -> None:
    """
    Say that a line is no customer's payment, such as interest.

    :raises LineDecided: when somebody was faster
    :raises LineWordsMissing: without a reason
    """
    _decide(line_id, ASIDE, words, act)


@transaction.atomic
def send_back(line_id: int, *, words: str, act: Act) -> None:
    """
    Say that the money of a line was sent back to where it came from, at the bank.

    :raises LineDecided: when somebody was faster
    :raises LineWordsMissing: without a reason
    """
    _decide(line_id, LINE_RETURNED, words, act)


@transaction.atomic
def sent_by_hand(refund_id: int, *, act: Act) -> None:
    """
    Say that the money of a refund was transferred at the bank; said twice, it is noted once.

    :raises ReceivableNotFound: when there is no such refund that people send
    """
    found = Refund.objects.filter(pk=refund_id, state__in=[BY_HAND, DONE]).first()
    if found is None:
        raise ReceivableNotFound
    refunds.complete(booking.lock_by_id(found.receivable_id), found.pk, act=act)


def _decide(line_id: int, state: str, words: str, act: Act) -> None:
    line = _waiting(line_id)
    if not words.strip():
        raise LineWordsMissing
    settle(line, state, None, words=words.strip(), by=act.by, act=act)


def _waiting(line_id: int) -> BankLine:
    line = hold(line_id)
    if line is None:
        raise LineDecided
    return line


def _find(typed: str) -> Receivable | None:
    text = "".join(typed.split()).upper()
    number = number_of(text) or text
    rows = Receivable.objects.filter(number=number) | Receivable.objects.filter(
        cause=f"order:{text}"
    )
    return rows.first()
