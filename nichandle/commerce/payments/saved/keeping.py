"""
Saving a means of payment, choosing the usual one, removing one: sensitive acts all of them.

The account's row is locked first, then those of this room. What the provider says when it is asked
decides whether a means is saved, and what is still there.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from nichandle.commerce.payments import paying, references
from nichandle.commerce.payments.errors import MeansNotFound, MeansNotOffered
from nichandle.commerce.payments.models import ProviderCustomer, SavedMeans, Saving
from nichandle.commerce.payments.providers import registry
from nichandle.commerce.payments.providers.contract import MeansSeen, SavingSeen
from nichandle.commerce.payments.saved import mails
from nichandle.commerce.payments.words import BEGUN, OVER, REFUSED
from nichandle.commerce.payments.words import SAVED as IS_SAVED
from nichandle.identity.accounts.queries import lock_account, profile
from nichandle.identity.pauses.operations import Paused, require
from nichandle.platform.audit.acts import LedgerAct
from nichandle.platform.audit.operations import record
from nichandle.platform.jobs.operations import enqueue
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.database import locked
from nichandle.platform.limits.operations import spend

GOOD_FOR = timedelta(minutes=30)
"""A saving that was begun and not finished is gone on with for so long; a double click is one."""
LOOKED_FOR = timedelta(days=2)
"""Stripe's page ends after a day: a saving is not asked about for longer."""


def of(account_id: UUID) -> list[SavedMeans]:
    """Return the means that an account has saved, the usual one first, then the newest."""
    rows = SavedMeans.objects.filter(account_id=account_id, removed_at=None)
    return list(rows.order_by("-preferred", "-added_at", "-pk"))


def usable(account_id: UUID, today: date) -> list[SavedMeans]:
    """Return those of an account that can be charged: not expired, their provider set up here."""
    providers = registry.saving()
    return [
        each for each in of(account_id) if each.provider in providers and not each.expired(today)
    ]


def begin(account_id: UUID, handle: str, *, provider: str, act: Act) -> str:
    """
    Begin to save a means; returns the address the browser goes to.

    :raises MeansNotOffered: for a provider that keeps none here
    :raises Paused: while a pause runs
    :raises Exhausted: after too many
    :raises ProviderDown: when the provider does not answer
    """
    vault = registry.vault(provider)
    if vault is None or provider not in registry.saving():
        raise MeansNotOffered
    saving = _prepare(account_id, provider, act)
    if not saving.address:
        back = f"{settings.BASE_URL}/account/payment/done/{saving.number}"
        customer = customer_of(account_id, handle, provider)
        opened = vault.open(saving, customer=customer, back=back)
        rows = Saving.objects.filter(pk=saving.pk, address="")
        rows.update(address=opened.address, provider_ref=opened.ref)
        saving.refresh_from_db(fields=["address"])
    return (
        saving.address if saving.address.startswith("/") else f"/account/payment/go/{saving.number}"
    )


def customer_of(account_id: UUID, handle: str, provider: str) -> str:
    """
    Return a provider's name for an account, which it gives once.

    :raises ProviderDown: when it does not answer
    """
    rows = ProviderCustomer.objects.filter(account_id=account_id, provider=provider)
    found = rows.values_list("ref", flat=True).first()
    if found is None:
        ref = registry.VAULTS[provider].customer(account_id, handle)
        row = ProviderCustomer(account_id=account_id, provider=provider, ref=ref)
        ProviderCustomer.objects.bulk_create([row], ignore_conflicts=True)
        found = rows.values_list("ref", flat=True).get()
    return str(found)


def look_at(provider: str, ref: str, *, act: Act) -> None:
    """
    Look at the saving, or the saved means, that something at a provider is about, if any.

    :raises ProviderDown: when it does not answer
    """
    if saving := Saving.objects.filter(number=ref, provider=provider).first():
        look(saving, act=act)
    else:
        refresh(provider, ref, act=act)


def look(saving: Saving, *, act: Act) -> None:
    """
    Ask the provider what became of a saving, and keep what was saved, once.

    :raises ProviderDown: when it does not answer
    """
    vault = registry.vault(saving.provider)
    if vault is None or saving.state != BEGUN or not saving.provider_ref:
        return
    seen = vault.look(saving)
    if seen.state != BEGUN:
        _end(saving.pk, seen, act)


def refresh(provider: str, ref: str, *, act: Act) -> None:
    """
    Learn what a provider still holds for the account of a means, and when it expires now.

    :raises ProviderDown: when it does not answer
    """
    known = SavedMeans.objects.filter(provider=provider, ref=ref, removed_at=None).first()
    vault = registry.vault(provider)
    if known is None or vault is None:
        return
    mine = [each for each in of(known.account_id) if each.provider == provider]
    customers = ProviderCustomer.objects.filter(account=known.account_id, provider=provider)
    customer = customers.values_list("ref", flat=True).get()
    held = {seen.ref: seen for seen in vault.held(customer, mine)}
    with transaction.atomic():
        lock_account(known.account_id)
        for means in mine:
            if means.ref not in held:
                _remove(means.account_id, means.pk, act)
            else:
                _update(means, held[means.ref])


@transaction.atomic
def prefer(account_id: UUID, means_id: int, *, act: Act) -> None:
    """
    Let a means be the usual one; nothing, where it is already.

    :raises MeansNotFound: for another account's, or a removed one
    :raises Paused: while a pause runs
    """
    account = lock_account(account_id)
    require(account_id, "payment_means.change", now=act.now)
    means = _mine(account_id, means_id)
    if means.preferred:
        return
    SavedMeans.objects.filter(account_id=account_id, preferred=True).update(preferred=False)
    means.preferred = True
    means.save(update_fields=["preferred"])
    _enter("payment_means.preferred", means, act)
    mails.changed(account, means, "preferred", act=act)


@transaction.atomic
def remove(account_id: UUID, means_id: int, *, act: Act) -> None:
    """
    Remove a means, here at once and at the provider by the worker.

    :raises MeansNotFound: for another account's, or a removed one
    :raises Paused: while a pause runs
    """
    lock_account(account_id)
    require(account_id, "payment_means.change", now=act.now)
    means = _remove(account_id, means_id, act)
    _have_forgotten(means.provider, means.ref, now=act.now)


def forget(provider: str, ref: str) -> None:
    """
    Have a provider forget a means.

    :raises ProviderDown: when it does not answer; the worker tries again
    """
    vault = registry.vault(provider)
    if vault is not None:
        vault.forget(ref)


def catch_up(*, now: datetime) -> None:
    """Have savings looked at that nobody has told of."""
    rows = Saving.objects.filter(
        state=BEGUN, begun_at__gt=now - LOOKED_FOR, begun_at__lte=now - GOOD_FOR
    )
    for saving in rows.exclude(provider_ref="").order_by("pk")[: paying.MOST_CAUGHT_UP]:
        have_looked_at(saving, now=now)


def have_looked_at(saving: Saving, *, now: datetime) -> None:
    """Have the worker look at a saving soon, without waiting for its provider to tell."""
    work = {"provider": saving.provider, "ref": saving.number}
    enqueue("payments.look", work, now=now, unique_key=f"payments.look {saving.number}")


@transaction.atomic
def _prepare(account_id: UUID, provider: str, act: Act) -> Saving:
    lock_account(account_id)
    require(account_id, "payment_means.change", now=act.now)
    rows = Saving.objects.filter(
        account_id=account_id, provider=provider, state=BEGUN, begun_at__gte=act.now - GOOD_FOR
    )
    if found := rows.order_by("-pk").first():
        return found
    spend("payment.save_means", key=str(account_id), now=act.now)
    return Saving.objects.create(
        number=references.draw(paying.taken),
        account_id=account_id,
        provider=provider,
        by=act.by,
        begun_at=act.now,
    )


@transaction.atomic
def _end(saving_id: int, seen: SavingSeen, act: Act) -> None:
    saving = Saving.objects.get(pk=saving_id)
    account = lock_account(saving.account_id)
    saving = locked(Saving.objects.filter(pk=saving_id)).get()
    if saving.state != BEGUN:
        return
    saving.state, saving.ended_at = OVER, act.now
    if seen.means is not None:
        try:
            require(account.pk, "payment_means.change", now=act.now)
        except Paused:
            # It began after the page was opened: what was typed there is not kept.
            saving.state = REFUSED
            _have_forgotten(saving.provider, seen.means.ref, now=act.now)
        else:
            saving.state = IS_SAVED
            means = _add(saving, seen.means, act)
            mails.changed(account, means, "added", act=act)
    saving.save(update_fields=["state", "ended_at"])


def _add(saving: Saving, seen: MeansSeen, act: Act) -> SavedMeans:
    means = SavedMeans.objects.create(
        account_id=saving.account_id,
        provider=saving.provider,
        ref=seen.ref,
        brand=seen.brand,
        last4=seen.last4,
        last_day=seen.last_day,
        preferred=not of(saving.account_id),
        added_at=act.now,
    )
    _enter("payment_means.added", means, act)
    return means


def _remove(account_id: UUID, means_id: int, act: Act) -> SavedMeans:
    means = _mine(account_id, means_id)
    was_preferred, means.preferred, means.removed_at = means.preferred, False, act.now
    means.save(update_fields=["preferred", "removed_at"])
    left: Sequence[SavedMeans] = of(account_id)
    if was_preferred and left:
        SavedMeans.objects.filter(pk=left[0].pk).update(preferred=True)
    _enter("payment_means.removed", means, act)
    mails.changed(profile(account_id), means, "removed", act=act)
    return means


def _update(means: SavedMeans, seen: MeansSeen) -> None:
    if (means.brand, means.last4, means.last_day) != (seen.brand, seen.last4, seen.last_day):
        means.brand, means.last4, means.last_day = seen.brand, seen.last4, seen.last_day
        means.save(update_fields=["brand", "last4", "last_day"])


def _mine(account_id: UUID, means_id: int) -> SavedMeans:
    rows = SavedMeans.objects.filter(pk=means_id, account_id=account_id, removed_at=None)
    found = locked(rows).first()
    if found is None:
        raise MeansNotFound
    return found


def _enter(name: LedgerAct, means: SavedMeans, act: Act) -> None:
    record(name, account_id=means.account_id, act=act, name=means.shown)


def _have_forgotten(provider: str, ref: str, *, now: datetime) -> None:
    enqueue("payments.forget_means", {"provider": provider, "ref": ref}, now=now)
