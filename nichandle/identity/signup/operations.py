"""Creating an account: begin, prove the address by its code, give the details."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts import operations as accounts
from nichandle.identity.accounts import passwords
from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import by_address_key
from nichandle.identity.signin.sessions.opening import NewSession, open_session
from nichandle.identity.signup.models import Creation
from nichandle.identity.signup.queries import LIFETIME, current
from nichandle.platform.kernel import addresses, tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.counted import counting
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.mailboxes import spend_mail
from nichandle.platform.limits.operations import spend
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import enqueue

CODE_LIFETIME = timedelta(minutes=30)
WRONG_CODES = 5
SENDINGS = 4
"""The first one and three more."""


class CreationGone(Refused):
    code = "signup.gone"
    message = _("This creation is too old or was begun in another browser. Begin again.")


class CreationCodeWrong(Refused):
    code = "signup.code_wrong"
    message = _("This is not the code we sent. Tries left: %(left)s.")
    field = "code"
    counted = True


class CodeSpent(Refused):
    """Too old, tried too often, or for an address that has an account by now."""

    code = "signup.code_spent"
    message = _("This code is no longer valid. Have a new one sent.")
    field = "code"


class CreationSentOften(Refused):
    code = "signup.sent_often"
    message = _("We have sent several codes already. Check your unwanted mail, or begin again.")
    field = "code"


def begin(
    *,
    country: str,
    language: str,
    address: str,
    password: str,
    replaces: str | None,
    act: Act,
) -> str:
    """
    Begin a creation and mail its code; returns the secret that binds it to the browser.

    Costs and answers the same for an address that has an account, whose owner gets a mail that
    says so. ``replaces`` is the secret of this browser's creation before ("change the address").

    :raises Exhausted: after too many passwords or creations from one network or for one address
    :raises Refused: when the rules refuse the password
    """
    key = addresses.key(address)
    spend("password.judge", key=act.origin.network, now=act.now)
    passwords.check(password, own=[address])
    spend("signup.network", key=act.origin.network, now=act.now)
    _spend_mail(address, act)
    password_hash, length_class = passwords.hash_password(password)
    secret = tokens.mint()
    with transaction.atomic():
        Creation.objects.filter(secret_digest=tokens.digest(replaces or "")).delete()
        creation = Creation.objects.create(
            secret_digest=secret.digest,
            country=country,
            language=language,
            address=address,
            address_key=key,
            password=password_hash,
            length_class=length_class,
            code_expires_at=act.now + CODE_LIFETIME,
            created_at=act.now,
        )
        _send(creation, act=act)
    return secret.secret


def send_again(*, secret: str, act: Act) -> None:
    """
    Mail a new code; the one before is void.

    :raises CreationGone: when this browser has no creation under way
    :raises CreationSentOften: after the third time
    :raises Exhausted: after too many mails to one address
    """
    creation = current(secret, now=act.now)
    if creation is None:
        raise CreationGone
    if creation.sent >= SENDINGS:
        raise CreationSentOften
    _spend_mail(creation.address, act)
    with transaction.atomic():
        creation = _lock(secret, act.now)
        if creation.sent >= SENDINGS:
            raise CreationSentOften
        creation.sent += 1
        creation.wrong_codes = 0
        _send(creation, act=act)


def confirm(*, secret: str, code: str, act: Act) -> NewSession:
    """
    Prove the address with its code: the account exists from here on, in state ``opening``.

    The first right code for an address wins; other creations for it are removed. The browser is
    signed in.

    :raises CreationGone: when this browser has no creation under way
    :raises CreationCodeWrong: counted; says how many tries are left
    :raises CodeSpent: when the code is too old, was tried too often, or came too late
    """
    with counting():
        creation = _lock(secret, act.now)
        if creation.wrong_codes >= WRONG_CODES or creation.code.expired(act.now):
            raise CodeSpent
        if creation.code.fits(code, now=act.now):
            return _accept(creation, act=act)
        creation.wrong_codes += 1
        creation.save(update_fields=["wrong_codes"])
        left = WRONG_CODES - creation.wrong_codes
        raise CreationCodeWrong(left=left) if left else CodeSpent(counted=True)


def complete(
    *,
    account_id: UUID,
    kind: str,
    details: Mapping[str, Any],
    recovery_address: str | None,
    act: Act,
) -> str:
    """
    Give the details: the account gets its identifier, and a mail confirms it.

    Returns the identifier. Pressed twice it makes one account and one mail.
    """
    with transaction.atomic():
        opened = accounts.open_account(
            account_id=account_id,
            kind=kind,
            details=details,
            recovery_address=recovery_address,
            act=act,
        )
        if opened.new:
            _welcome(opened.account, act=act)
    return opened.handle


def _welcome(account: Account, *, act: Act) -> None:
    facts = {"name": account.given_name or account.organisation, "address": account.email}
    to = [account.email]
    write(account, "signup/mail/welcome", to=to, facts=facts, act=act)


def clear_old(*, now: datetime) -> int:
    """Delete creations that nobody finished, and return how many there were."""
    deleted, _rows = Creation.objects.filter(created_at__lt=now - LIFETIME).delete()
    return deleted


def _lock(secret: str, now: datetime) -> Creation:
    rows = Creation.objects.filter(secret_digest=tokens.digest(secret))
    creation = locked(rows.filter(created_at__gt=now - LIFETIME)).first()
    if creation is None:
        raise CreationGone
    return creation


def _spend_mail(address: str, act: Act) -> None:
    spend_mail(
        "signup.address",
        mailbox=addresses.mailbox(address),
        network=act.origin.network,
        now=act.now,
    )


def _send(creation: Creation, *, act: Act) -> None:
    """Write the one mail row: the code, or to the owner of a known address that it is known."""
    code = creation.code.issue(until=act.now + CODE_LIFETIME)
    known = by_address_key(creation.address_key)
    if known is None:
        creation.mail_id = _mail_code(creation, code, now=act.now).pk
    else:
        creation.code.spend()
        # To the address as it is stored: what was typed may only be like it.
        (written,) = write(known, "signup/mail/known_address", to=[known.email], act=act)
        creation.mail_id = written.pk
    columns = ["sent", "wrong_codes", "code_digest", "code_expires_at", "mail_id"]
    creation.save(update_fields=columns)


def _mail_code(creation: Creation, code: str, *, now: datetime) -> Mail:
    return enqueue(
        template="signup/mail/code",
        to=creation.address,
        language=creation.language,
        context={"minutes": int(CODE_LIFETIME.total_seconds() // 60)},
        secrets={"code": code},
        expires_at=creation.code_expires_at,
        # Not from where: by a slip of the pen the address is a stranger's.
        act=Act.by_itself(now),
    )


def _accept(creation: Creation, *, act: Act) -> NewSession:
    try:
        account = accounts.create_opening(
            email=creation.address,
            password_hash=creation.password,
            length_class=creation.length_class,
            country=creation.country,
            language=creation.language,
            act=act,
        )
    except accounts.AddressTaken as taken:
        raise CodeSpent from taken
    Creation.objects.filter(address_key=creation.address_key).delete()
    return open_session(account_id=account.pk, stay=False, act=act)
