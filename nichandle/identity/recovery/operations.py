"""
Lost password, lost identifier.

The page answers the same, at the same cost, whether what was typed is known or not: it writes one
job. The worker finds out who is meant and mails what there is to mail.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.queries import accounts_of_address, lock_account
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.recovery import links, mails
from nichandle.identity.recovery.models import PasswordReset, ResetStop
from nichandle.identity.recovery.queries import contest_of, still_ours, valid_link, why_no_reset
from nichandle.identity.signin.authentication import candidates
from nichandle.identity.signin.credentials.password import accepted, replace_password
from nichandle.identity.signin.recognition.browsers import open_for_a_while
from nichandle.platform.audit.operations import record
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import MANGLED, LinkRefused, link_over
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.wording.figures import Duration, with_figures
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import spend

OPENED_FOR = timedelta(hours=1)
TYPED = "identifier typed for recovery"


class LinkNotValid(LinkRefused):
    code = "recovery.link_not_valid"
    message = with_figures(
        _("This link was used, another one was, or it is older than %(time)s."),
        time=Duration(links.LINK_LIFETIME, "than", in_words=True),
    )
    sentences: ClassVar = {
        "unknown": MANGLED,
        "used": _("This link has set a password already. Sign in with it, or receive a new link."),
        "expired": link_over(links.LINK_LIFETIME),
        "ended": _("This link is void: a password was set meanwhile, or it was stopped."),
        "removed": _(
            "This link is void: the account has removed the address that it was mailed to."
        ),
    }


def ask_for_link(*, typed: str, by_recovery: bool, act: Act) -> None:
    """
    Ask for a link that sets a new password; the same for known and unknown.

    It goes to the primary address, or ``by_recovery`` to the established recovery addresses.

    :raises Exhausted: after too many requests from one network
    """
    spend("recovery.network", key=act.origin.network, now=act.now)
    payload = _sealed(typed, act.origin) | {"by_recovery": by_recovery}
    enqueue("recovery.send_link", payload, now=act.now)


def ask_for_identifier(*, address: str, act: Act) -> None:
    """
    Ask for the identifiers of an address; the same for known and unknown.

    :raises Exhausted: after too many requests from one network
    """
    spend("recovery.network", key=act.origin.network, now=act.now)
    enqueue("recovery.send_identifiers", _sealed(address, act.origin), now=act.now)


def send_link(payload: Mapping[str, Any], *, now: datetime) -> None:
    """Mail the link to the account that was named, if any."""
    typed, origin = _opened(payload)
    candidate = candidates.find(typed)
    if candidate is None:
        return
    try:
        with transaction.atomic():
            account = lock_account(candidate.account_id)
            links.send(account, bool(payload.get("by_recovery")), act=Act(origin, now))
    except Exhausted:
        # The page has answered already; several links are in the mailbox.
        return


@transaction.atomic
def send_identifiers(payload: Mapping[str, Any], *, now: datetime) -> None:
    """
    Mail an address the identifiers for which it is the primary or a proven recovery address.

    To the address as each account has it: what was typed may be another mailbox with the same key.
    """
    typed, origin = _opened(payload)
    try:
        address = addresses.check(typed)
    except addresses.AddressNotValid:
        return
    for stored, found in accounts_of_address(addresses.key(address)).items():
        named = [account for account in found if account.handle is not None]
        if named:
            mails.identifiers(named, address=stored, act=Act(origin, now))


def set_new_password(*, secret: str, password: str, act: Act, browser: str | None = None) -> str:
    """
    Use a link: the password is new, every session ends, every address is told.

    Returns the secret by which the browser is known: it has proven that it reads the mail, and for
    an hour needs no mailed code to sign in. Second factors stay in force.

    :raises LinkNotValid: when the link is unknown, used, ended or too old
    :raises Exhausted: after several passwords of one address while an event is contested
    :raises Refused: when the rules refuse the password, or it is the old one; the link stays good
    """
    link = valid_link(secret, now=act.now)
    if link is None:
        raise LinkNotValid(why_no_reset(secret, now=act.now))
    encoded, length_class = accepted(password, account_id=link.account_id, act=act)
    with transaction.atomic():
        used = _use(link, act.now)
        if used is None:
            raise LinkNotValid(why_no_reset(secret, now=act.now))
        if used.by_recovery:
            pauses.begin(
                account_id=link.account_id,
                cause="reset_by_recovery",
                caused_at=used.created_at,
                caused_by=used.address,
                act=act,
            )
        record("password.reset", account_id=link.account_id, act=act)
        replace_password(
            account_id=link.account_id,
            encoded=encoded,
            length_class=length_class,
            caused_by=used.address,
            act=act,
        )
        return open_for_a_while(link.account_id, browser=browser, until=act.now + OPENED_FOR)


def _use(link: PasswordReset, now: datetime) -> PasswordReset | None:
    """
    Use a link up, and those it voids; None when it was used or ended meanwhile.

    :raises Exhausted: after several passwords of one address while an event is contested
    """
    # The account before the links and the ledger, as everywhere: else two who each hold one of
    # them wait for each other for ever.
    lock_account(link.account_id)
    used = locked(PasswordReset.objects.filter(pk=link.pk, ended_at=None)).first()
    if used is None or not still_ours(used, now=now):
        return None
    used.used_at = now
    used.save(update_fields=["used_at"])
    if contest_of(link.account_id) is None:
        links.begin_anew(link.account_id, now=now)
    else:
        links.go_on(used, now=now)
    return used


def clear_old(*, now: datetime) -> int:
    """Delete links that ended long ago, and return how many there were."""
    old = now - timedelta(days=30)
    ResetStop.objects.filter(expires_at__lt=old).delete()
    deleted, _by_model = PasswordReset.objects.filter(expires_at__lt=old).delete()
    return deleted


def _sealed(typed: str, origin: Origin) -> dict[str, Any]:
    """What was typed may be an address: it waits sealed."""
    return {"typed": tokens.seal(typed, TYPED), "ip": origin.ip or "", "agent": origin.agent}


def _opened(payload: Mapping[str, Any]) -> tuple[str, Origin]:
    return tokens.unseal(payload["typed"], TYPED), Origin(payload["ip"] or None, payload["agent"])
