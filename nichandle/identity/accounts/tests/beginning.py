"""Accounts begun and opened by the operations themselves."""

from nichandle.identity.accounts import (
    operations,
)
from nichandle.identity.accounts.models import Account
from nichandle.platform.audit import queries as ledger
from tests.support.people import PERSON


def begin(act, email="diane@example.org") -> Account:
    return operations.create_opening(
        email=email,
        password_hash="x",
        length_class="long",
        country="FR",
        language="fr",
        act=act,
    )


def open_it(account, act, **changes):
    values = {"kind": "individual", "details": PERSON, "recovery_address": None, **changes}
    return operations.open_account(account_id=account.pk, act=act, **values)


def acts(account) -> list[str]:
    return [entry.act for entry in ledger.entries_of(account.pk).rows][::-1]
