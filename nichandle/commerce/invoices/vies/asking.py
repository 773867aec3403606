"""The worker's round: asks about one number after the other, outside any transaction."""

from datetime import datetime, timedelta

from django.db.models import F

from nichandle.commerce.invoices.errors import SellerMissing
from nichandle.commerce.invoices.models import VatAnswer
from nichandle.commerce.invoices.selling import sellers
from nichandle.commerce.invoices.vies import register
from nichandle.commerce.invoices.vies.register import RegisterAnswer
from nichandle.platform.jobs.registry import Stopping
from nichandle.platform.kernel.clock import Clock

NEXT_DUE = "SELECT min(next_try_at) FROM invoices_vatanswer WHERE next_try_at IS NOT NULL"
HELD = timedelta(minutes=1)
"""So long no other worker asks about a number that one asks about."""
DELAYS = [timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 1800)]
"""How long it waits after the first silence, the second, …; after the last it gives up."""


def ask_due(clock: Clock, stopping: Stopping) -> int:
    """Ask about the numbers whose time has come; returns how many."""
    done = 0
    while not stopping() and (held := _taken(clock())) is not None:
        _keep(held, register.ask(held.number, requester=_requester()), clock())
        done += 1
    return done


def _taken(now: datetime) -> VatAnswer | None:
    found = VatAnswer.objects.filter(next_try_at__lte=now).order_by("next_try_at").first()
    if found is None:
        return None
    mine = VatAnswer.objects.filter(pk=found.pk, next_try_at=found.next_try_at)
    if not mine.update(next_try_at=now + HELD, tries=F("tries") + 1):
        return None
    found.next_try_at, found.tries = now + HELD, found.tries + 1
    return found


def _keep(held: VatAnswer, said: RegisterAnswer, now: datetime) -> None:
    """Write down what was said, unless another worker asks by now. Silence takes nothing back."""
    mine = VatAnswer.objects.filter(pk=held.pk, next_try_at=held.next_try_at)
    if said.verdict == "silent":
        over = held.tries > len(DELAYS)
        later = None if over else now + DELAYS[held.tries - 1]
        mine.update(next_try_at=later, silent_at=now, trouble=said.why[:80])
        return
    mine.update(
        next_try_at=None,
        answer=said.verdict,
        answered_at=now,
        consultation=said.consultation,
        silent_at=None,
        trouble="",
    )


def _requester() -> str:
    try:
        return sellers.current().vat_number
    except SellerMissing:
        return ""
