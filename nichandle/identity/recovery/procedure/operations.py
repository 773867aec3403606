"""
The procedure, beyond what the cases room does by itself: finding out whose account is meant.

The pages write the same rows for a known identifier and an unknown one; a job looks it up.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from nichandle.identity.cases import filing
from nichandle.identity.cases.keeping.numbers import normalise
from nichandle.identity.signin.authentication import candidates
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.operations import spend

ADDRESS = "address of a case"


@transaction.atomic
def send(*, secret: str, act: Act) -> None:
    """
    Send a case to the reviewers.

    :raises FilingGone: when no case is being filed under this secret, or something is missing
    """
    case = filing.send(secret=secret, act=act)
    enqueue("recovery.identify_case", {"number": case.number}, now=act.now)


def identify_case(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Find out whose account a case is about, and have every known address told."""
    candidate = candidates.find(filing.typed_in(payload["number"]))
    known = candidate is not None and not candidate.opening
    account_id = candidate.account_id if candidate is not None and known else None
    filing.identify(number=payload["number"], account_id=account_id, now=now)


def ask_for_link(*, number: str, address: str, act: Act) -> None:
    """
    Ask for the link to the page of a case; the same whether there is such a case or not.

    :raises Exhausted: after too many from one network
    """
    spend("case.link", key=act.origin.network, now=act.now)
    payload = {
        "number": normalise(number),
        "address": tokens.seal(address, ADDRESS),
        "ip": act.origin.ip or "",
        "agent": act.origin.agent,
    }
    enqueue("recovery.mail_case_link", payload, now=act.now)


def mail_case_link(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Mail a new link to the page of a case, if number and address belong together."""
    address = tokens.unseal(payload["address"], ADDRESS)
    origin = Origin(payload["ip"] or None, payload["agent"])
    try:
        filing.send_link(
            number=payload["number"], address=addresses.check(address), act=Act(origin, now)
        )
    except addresses.AddressNotValid:
        return
