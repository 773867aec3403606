"""
What is mailed to one mailbox at the word of whoever types its address.

A total for the mailbox, and of it no more than half for each network: a stranger who spends all a
network may have leaves the mailbox's owner, who asks from another, one whole course of mails.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from nichandle.platform.limits import wider
from nichandle.platform.limits.catalogue import LimitName
from nichandle.platform.limits.operations import spend

MailboxLimit = Literal[
    "signup.address",
    "recovery_address.mail",
    "email.proof_mail",
    "case.address",
    "invoice.copy_mail",
]

SHARES: Mapping[MailboxLimit, LimitName] = {
    "signup.address": "signup.address_network",
    "recovery_address.mail": "recovery_address.mail_network",
    "email.proof_mail": "email.proof_mail_network",
    "case.address": "case.address_network",
    "invoice.copy_mail": "invoice.copy_mail_network",
}
"""By the mailbox's total, what one network may spend of it."""


def spend_share(name: MailboxLimit, *, mailbox: str, network: str, now: datetime) -> None:
    """
    Count one mail asked for from a network, before that of the mailbox's total is spent.

    :raises Exhausted: when the network, of IPv6 the /48 it lies in, has had its half
    """
    outermost = wider.networks(network).get("48", network)
    spend(SHARES[name], key=f"{outermost} {mailbox}", now=now)


def spend_mail(name: MailboxLimit, *, mailbox: str, network: str, now: datetime) -> None:
    """
    Count one mail to a mailbox, asked for from a network.

    :raises Exhausted: when the network has had its half, or the mailbox all
    """
    spend_share(name, mailbox=mailbox, network=network, now=now)
    spend(name, key=mailbox, now=now)
