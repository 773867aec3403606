"""
The procedure, beyond what the cases room does by itself: finding out whose account is meant.

The pages write the same rows for a known identifier and an unknown one; a job looks it up.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from nichandle.identity.cases import filing
from nichandle.identity.cases.numbers import normalise
from nichandle.identity.signin.authentication import candidates
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.operations import spend


@transaction.atomic
def send(*, secret: str, origin: Origin, now: datetime) -> None:
    """
    Send a case to the reviewers.

    :raises FilingGone: when no case is being filed under this secret, or something is missing
    """
    case = filing.send(secret=secret, origin=origin, now=now)
    enqueue("recovery.identify_case", {"number": case.number}, now=now)


def identify_case(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Find out whose account a case is about, and have every known address told."""
    candidate = candidates.find(filing.typed_in(payload["number"]))
    known = candidate is not None and not candidate.opening
    account_id = candidate.account_id if candidate is not None and known else None
    filing.identify(number=payload["number"], account_id=account_id, now=now)


def ask_for_link(*, number: str, address: str, origin: Origin, now: datetime) -> None:
    """
    Ask for the link to the page of a case; the same whether there is such a case or not.

    :raises Exhausted: after too many from one network
    """
    spend("case.link", key=origin.network, now=now)
    payload = {
        "number": normalise(number),
        "address": tokens.seal(address),
        "ip": origin.ip or "",
        "agent": origin.agent,
    }
    enqueue("recovery.mail_case_link", payload, now=now)


def mail_case_link(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Mail a new link to the page of a case, if number and address belong together."""
    address = tokens.unseal(payload["address"])
    origin = Origin(payload["ip"] or None, payload["agent"])
    try:
        filing.send_link(
            number=payload["number"], address=addresses.check(address), origin=origin, now=now
        )
    except addresses.AddressNotValid:
        return
