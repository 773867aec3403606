"""Accounts from the proven address on: begun, opened, changed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import FOLDED_LENGTH, Account, VoidedPassword
from nichandle.identity.accounts.passwords import hash_password
from nichandle.identity.accounts.primary import belongs_to_another
from nichandle.identity.accounts.recovery_addresses import add_at_creation
from nichandle.identity.accounts.rules import rules_for
from nichandle.identity.handles import letters
from nichandle.identity.handles.models import Handle
from nichandle.identity.handles.operations import issue
from nichandle.platform.audit.operations import record
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.kernel.wording import zones
from nichandle.platform.kernel.wording.text import fold
from nichandle.platform.limits.operations import spend

VOIDED_KEPT = 3
"""So many voided passwords of an account are remembered: each costs a hash to compare with."""
DETAILS = (
    "given_name",
    "family_name",
    "organisation",
    "corporation_type",
    "company_number",
    "association_number",
    "vat_number",
    "address",
    "address_more",
    "postcode",
    "city",
    "area",
    "phone",
)
LEGAL_IDENTITY = {
    "given_name",
    "family_name",
    "organisation",
    "corporation_type",
    "company_number",
    "association_number",
    "vat_number",
}
TOLD = LEGAL_IDENTITY | {"phone"}
"""A change of these is told by mail; customer service calls back to the telephone on file."""


class AddressTaken(Refused):
    """Another account has this primary address; never shown to a stranger."""

    code = "account.address_taken"
    message = _("This address cannot be used.")
    field = "email"


class DetailsNotChangeable(Refused):
    code = "account.not_changeable"
    message = _("Identifier and country cannot be changed here.")


@dataclass(frozen=True, slots=True)
class Opened:
    """An opened account; ``new`` tells whether this call opened it."""

    account: Account
    new: bool

    @property
    def handle(self) -> str:
        return self.account.handle_text


@transaction.atomic
def create_opening(
    *,
    email: str,
    password_hash: str,
    length_class: str,
    country: str,
    language: str,
    act: Act,
) -> Account:
    """
    Begin an account whose address has just been proven; it has no identifier yet.

    :raises AddressTaken: when another account has this primary address
    """
    account = Account(
        state=Account.State.OPENING,
        email=email,
        email_key=addresses.key(email),
        email_proven_at=act.now,
        password=password_hash,
        password_length_class=length_class,
        country=country,
        language=language,
        time_zone=zones.of_country(country),
        created_at=act.now,
    )
    if belongs_to_another(addresses.key(email), account.pk, now=act.now):
        raise AddressTaken
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as taken:
        raise AddressTaken from taken
    record("account.created", account_id=account.pk, act=act)
    return account


@transaction.atomic
def open_account(
    *,
    account_id: UUID,
    kind: str,
    details: Mapping[str, str],
    recovery_address: str | None,
    act: Act,
) -> Opened:
    """
    Give the account its details and, for ever, its identifier.

    An account that is open already is returned as it is: pressed twice, it opens once.

    :raises recovery_addresses.SameAsPrimary: when the recovery address is the primary one
    :raises recovery_addresses.MailedOften: when the recovery address got many codes today
    """
    account = locked(Account.objects.filter(pk=account_id)).get()
    if account.state != Account.State.OPENING:
        return Opened(account, new=False)
    _fill(account, details)
    account.kind = kind
    handle = issue(letters=_letters(account), now=act.now)
    open_with(account, kind=kind, details=details, handle=handle, act=act)
    if recovery_address:
        add_at_creation(account, address=recovery_address, act=act)
    return Opened(account, new=True)


def open_with(
    account: Account,
    *,
    kind: str,
    details: Mapping[str, str],
    handle: Handle,
    act: Act,
) -> None:
    """Give an account its details and an identifier made elsewhere; the caller holds its row."""
    _fill(account, details)
    account.kind, account.handle = kind, handle
    account.state, account.opened_at = Account.State.ACTIVE, act.now
    account.save()
    record("account.opened", account_id=account.pk, act=act, handle=handle.text)


def change_details(*, account_id: UUID, details: Mapping[str, str], act: Act) -> bool:
    """
    Change an account's details; returns whether anything changed.

    The ledger keeps old and new values; what touches legal identity or safety is told by mail.

    :raises DetailsNotChangeable: for identifier and country
    :raises Exhausted: after too many changes in an hour
    """
    if set(details) - set(DETAILS):
        raise DetailsNotChangeable
    spend("account.edit", key=str(account_id), now=act.now)
    with transaction.atomic():
        account = locked(Account.objects.filter(pk=account_id)).get()
        changes = {
            name: (getattr(account, name), value)
            for name, value in details.items()
            if getattr(account, name) != value
        }
        if not changes:
            return False
        _fill(account, details)
        account.save()
        record(
            "account.details_changed",
            account_id=account_id,
            act=act,
            changes={name: list(pair) for name, pair in changes.items()},
        )
        if TOLD & changes.keys():
            _tell_changed(account, changes, act=act)
    return True


def set_password(*, account_id: UUID, encoded: str, length_class: str) -> None:
    """Store a new password's hash; the caller has proven who asks and holds the account's row."""
    Account.objects.filter(pk=account_id).update(
        password=encoded, password_length_class=length_class
    )


def void_password(*, account_id: UUID, now: datetime) -> None:
    """
    Let no password open an account until another is set; the caller holds the account's row.

    The old one is remembered, to be refused as the new one: somebody else may know it.
    """
    rows = VoidedPassword.objects.filter(account_id=account_id)
    encoded = Account.objects.values_list("password", flat=True).get(pk=account_id)
    if encoded:
        rows.create(account_id=account_id, encoded=encoded, voided_at=now)
        newest = rows.order_by("-voided_at", "-pk").values_list("pk", flat=True)
        rows.exclude(pk__in=list(newest[:VOIDED_KEPT])).delete()
    set_password(account_id=account_id, encoded="", length_class="")


def renew_hash(*, account_id: UUID, password: str, before: str) -> str:
    """
    Hash anew the password just verified against ``before``, with today's parameters; return it.

    One hash, outside any transaction; a password that was changed meanwhile is left alone.
    """
    encoded, _length_class = hash_password(password)
    rows = Account.objects.filter(pk=account_id, password=before)
    return encoded if rows.update(password=encoded) else before


@transaction.atomic
def set_language(*, account_id: UUID, language: str, act: Act) -> None:
    """Set the language of an account's pages and mails."""
    account = locked(Account.objects.filter(pk=account_id)).get()
    if account.language == language:
        return
    before, account.language = account.language, language
    account.save(update_fields=["language"])
    record(
        "account.language_changed",
        account_id=account_id,
        act=act,
        old=before,
        new=language,
    )


@transaction.atomic
def set_time_zone(*, account_id: UUID, time_zone: str, act: Act) -> None:
    """Set the time zone of an account's pages and mails."""
    account = locked(Account.objects.filter(pk=account_id)).get()
    if account.time_zone == time_zone:
        return
    before, account.time_zone = account.time_zone, time_zone
    account.save(update_fields=["time_zone"])
    record(
        "account.time_zone_changed",
        account_id=account_id,
        act=act,
        old=before,
        new=time_zone,
    )


def _tell_changed(account: Account, changed: Collection[str], *, act: Act) -> None:
    """Tell every address which details changed, and never their values."""
    rules = rules_for(country=account.country, kind=account.kind)
    with translation.override(account.language):
        facts = {"fields": [str(rule.label) for rule in rules if rule.name in changed]}
    template, event = "accounts/mail/details_changed", "account.details_changed"
    write(account, template, facts=facts, event=event, act=act)


def _fill(account: Account, details: Mapping[str, str]) -> None:
    for name in DETAILS:
        if name in details:
            setattr(account, name, details[name])
    names = fold(f"{account.family_name} {account.given_name}")
    account.name_folded = names[:FOLDED_LENGTH]
    account.organisation_folded = fold(account.organisation)[:FOLDED_LENGTH]


def _letters(account: Account) -> str:
    reserved = settings.NICHANDLE_RESERVED_PAIRS
    if account.kind in {Account.Kind.INDIVIDUAL, Account.Kind.OTHER} or not account.organisation:
        return letters.for_person(account.given_name, account.family_name, reserved=reserved)
    return letters.for_organisation(account.organisation, reserved=reserved)
