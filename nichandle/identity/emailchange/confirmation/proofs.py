"""
The link that proves the new address: made with the request, mailed by a job.

The page makes a link and writes a job, whosever the address is; the worker alone finds out that it
belongs to somebody else, and writes to them instead. So neither the statements of the page nor the
mails that the asker can list tell which addresses open an account.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from nichandle.identity.accounts.queries import profile
from nichandle.identity.emailchange import telling
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.queries import link_of
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.origin import Origin

LINKS_OPEN_FOR = timedelta(days=30)
"""Longer than any request is open: whether a link works is decided by the request."""


def order(change: Change, *, act: Act) -> None:
    """Make a new link, the one before is void, and have it mailed; in the caller's transaction."""
    change.links.filter(kind=ChangeLink.Kind.PROOF, used_at=None).update(used_at=act.now)
    secret = telling.link(
        change, ChangeLink.Kind.PROOF, change.new_address, expires_at=act.now + LINKS_OPEN_FOR
    )
    change.proofs_sent += 1
    change.save(update_fields=["proofs_sent"])
    payload = {
        "change": change.pk,
        "secret": tokens.seal(secret),
        "ip": act.origin.ip or "",
        "agent": act.origin.agent,
    }
    enqueue("emailchange.send_proof", payload, now=act.now)


@transaction.atomic
def send(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Mail the link to the new address; to one that is taken, word of that to its owner instead."""
    change = locked(Change.objects.filter(pk=payload["change"])).first()
    secret = tokens.unseal(payload["secret"])
    link = link_of(secret, ChangeLink.Kind.PROOF)
    if change is None or link is None or link.used_at or change.state != Change.State.OPEN:
        # Ended or sent again meanwhile: this link would open nothing.
        return
    if change.taken:
        telling.tell_owner(change, now=now)
        return
    origin = Origin(payload["ip"] or None, payload["agent"])
    telling.send_proof(profile(change.account_id), change, secret=secret, act=Act(origin, now))
