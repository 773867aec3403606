"""Reminding: those whose silence counts, and the new address while it is not proven."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from nichandle.identity.accounts.queries import lock_free
from nichandle.identity.emailchange import clock, telling
from nichandle.identity.emailchange.confirmation import proofs
from nichandle.identity.emailchange.models import Change, ChangeMail
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import claimable
from nichandle.platform.kernel.origin import Origin

AT_ONCE = 500


def remind_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Send the reminders whose time has come, up to ``at_once``; return how many."""
    late = Change.objects.filter(state=Change.State.OPEN, remind_at__lte=now).order_by("remind_at")
    found = list(late.values_list("pk", "account_id")[:at_once])
    return sum(_remind(pk, account_id, now) for pk, account_id in found)


def prompt_due(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Remind the new addresses whose time has come, up to ``at_once``; return how many."""
    late = Change.objects.filter(state=Change.State.OPEN, prompt_at__lte=now).order_by("prompt_at")
    found = list(late.values_list("pk", "account_id")[:at_once])
    return sum(_prompt(pk, account_id, now) for pk, account_id in found)


@transaction.atomic
def _remind(pk: int, account_id: UUID, now: datetime) -> int:
    accounts = lock_free([account_id])
    still = Change.objects.filter(pk=pk, state=Change.State.OPEN, remind_at__lte=now)
    change = claimable(still).first() if accounts else None
    if change is None:
        return 0
    account, origin = accounts[account_id], Origin(change.ip, change.agent)
    telling.tell(ChangeMail.Part.REMINDER, account, change, act=Act(origin, now))
    change.remind_at = None
    change.save(update_fields=["remind_at"])
    return 1


@transaction.atomic
def _prompt(pk: int, account_id: UUID, now: datetime) -> int:
    accounts = lock_free([account_id])
    still = Change.objects.filter(pk=pk, state=Change.State.OPEN, prompt_at__lte=now)
    change = claimable(still).first() if accounts else None
    if change is None:
        return 0
    change.prompts_sent = clock.prompts_by(change, now)
    change.prompt_at = clock.prompt_at(change)
    change.save(update_fields=["prompts_sent", "prompt_at"])
    proofs.remind(change, now=now)
    return 1
