"""
What proves the new address, a link and a code: made with the request, mailed by a job.

The page makes both and writes a job, whosever the address is; the worker alone finds out that it
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
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.limits.mailboxes import spend_share
from nichandle.platform.limits.operations import left, spend

LINKS_OPEN_FOR = timedelta(days=30)
PROOF = "proof of an address"
"""Longer than any request is open: whether a link works is decided by the request."""


def order(change: Change, *, act: Act) -> None:
    """
    Make a new link and code, those before are void, and have them mailed; in the transaction.

    :raises Exhausted: after too many mails for the account, from the network, or to this address by
        anybody
    """
    spend("unproven.network", key=act.origin.network, now=act.now)
    mailbox = addresses.mailbox(change.new_address)
    spend_share("email.proof_mail", mailbox=mailbox, network=act.origin.network, now=act.now)
    change.proofs_sent += 1
    _order(change, now=act.now, reminder=False)


def remind(change: Change, *, now: datetime) -> None:
    """Remind the new address, if it may be written to: it is none of the few that one may ask."""
    if left("email.proof_mail", key=addresses.mailbox(change.new_address), now=now) and left(
        "email.proof_account", key=str(change.account_id), now=now
    ):
        _order(change, now=now, reminder=True)


def _order(change: Change, *, now: datetime, reminder: bool) -> None:
    spend("email.proof_account", key=str(change.account_id), now=now)
    spend("email.proof_mail", key=addresses.mailbox(change.new_address), now=now)
    change.links.filter(kind=ChangeLink.Kind.PROOF, used_at=None).update(used_at=now)
    secret = telling.link(
        change, ChangeLink.Kind.PROOF, change.new_address, expires_at=now + LINKS_OPEN_FOR
    )
    change.proof_codes_sent += 1
    code = change.proof_code.issue(until=change.lapses_at)
    change.save(update_fields=["proofs_sent", "proof_codes_sent", "proof_code_digest"])
    payload = {
        "change": change.pk,
        "secret": tokens.seal(secret, PROOF),
        "code": tokens.seal(code, PROOF),
        "reminder": reminder,
    }
    enqueue("emailchange.send_proof", payload, now=now)


@transaction.atomic
def send(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Mail link and code to the new address; to one that is taken, word of that to its owner."""
    change = locked(Change.objects.filter(pk=payload["change"])).first()
    secret = tokens.unseal(payload["secret"], PROOF)
    link = link_of(secret, ChangeLink.Kind.PROOF)
    if change is None or link is None or link.used_at or change.state != Change.State.OPEN:
        # Ended or sent again meanwhile: this link would open nothing.
        return
    reminder = bool(payload.get("reminder"))
    if not change.taken:
        # A job written before there were codes has none.
        code = tokens.unseal(payload["code"], PROOF) if "code" in payload else ""
        secrets = {"secret": secret, "code": code} if code else {"secret": secret}
        telling.send_proof(
            profile(change.account_id), change, secrets=secrets, reminder=reminder, now=now
        )
    elif not reminder:
        # Told once is enough: the owner has nothing to do.
        telling.tell_owner(change, now=now)
