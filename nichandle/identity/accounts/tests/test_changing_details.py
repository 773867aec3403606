"""Details, language and hashes change with a trace, and are told where somebody could mind."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from nichandle.identity.accounts import (
    operations,
    passwords,
    queries,
)
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.passwords.hashers import Argon2
from nichandle.identity.accounts.tests.beginning import acts, begin, open_it
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def change(customer, act, **details) -> bool:
    return operations.change_details(account_id=customer.account.pk, details=details, act=act)


def test_a_change_is_in_the_ledger_with_old_and_new_values(customer, origin, now):
    assert change(customer, Act(origin, now), city="Roubaix", postcode="59100")

    entry = ledger.entries_of(customer.account.pk).rows[0]
    assert entry.act == "account.details_changed"
    assert ledger.details_of(entry)["changes"] == {
        "city": ["Lille", "Roubaix"],
        "postcode": ["59800", "59100"],
    }
    assert not Mail.objects.exists()


def test_a_change_of_the_number_called_back_is_told_by_mail(customer, origin, now, post):
    operations.set_language(account_id=customer.account.pk, language="fr", act=Act(origin, now))
    change(customer, Act(origin, now), phone="+33698765432", family_name="L’Hôte", city="Roubaix")

    mail = post.last_to(customer.email)
    assert customer.handle in mail["Subject"]
    text = text_of(mail)
    assert "    Nom\n    Ville\n    Téléphone\n" in text
    # Neither the old nor the new number: a recovery mailbox may be somebody else's.
    assert "33698765432" not in mail.as_string()
    assert "33612345678" not in mail.as_string()


def test_a_hash_is_renewed_unless_the_password_changed_meanwhile(customer):
    old = "argon2$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$3F6cCYBmYLIkJYHJKbPvhw"
    row = Account.objects.filter(pk=customer.account.pk)
    row.update(password=old)
    operations.renew_hash(account_id=customer.account.pk, password=PASSWORD, before="another")
    assert row.get().password == old

    operations.renew_hash(account_id=customer.account.pk, password=PASSWORD, before=old)
    assert passwords.verify(PASSWORD, row.get().password)
    assert not passwords.outdated(row.get().password)


def test_signing_in_renews_a_hash_made_with_other_parameters(customer):
    class Lighter(Argon2):
        memory_cost = 1024

    row = Account.objects.filter(pk=customer.account.pk)
    row.update(password=Lighter().encode(PASSWORD, "saltsaltsaltsaltsaltsa"))
    customer.sign_in()
    renewed = row.get().password
    assert not passwords.outdated(renewed)

    customer.sign_in()
    assert row.get().password == renewed


def test_a_change_of_name_is_told_by_mail_to_every_address(customer, origin, now):
    RecoveryAddress.objects.create(
        account=customer.account,
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=now,
        proven_at=now,
    )
    change(customer, Act(origin, now), family_name="Martin")

    told = Mail.objects.values_list("recipient", "template")
    assert set(told) == {
        (customer.email, "accounts/mail/details_changed"),
        ("spare@example.net", "accounts/mail/details_changed"),
    }


@pytest.mark.django_db(transaction=True)
def test_changes_at_the_same_moment_are_a_chain_in_the_ledger(origin, now):
    account = begin(Act(origin, now))
    open_it(account, Act(origin, now))

    def move(number: int) -> None:
        try:
            operations.change_details(
                account_id=account.pk, details={"city": f"City {number}"}, act=Act(origin, now)
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(move, range(6)))

    rows = [row for row in ledger.entries_of(account.pk).rows if "details" in row.act][::-1]
    steps = [ledger.details_of(row)["changes"]["city"] for row in rows]
    assert len(steps) == 6
    assert [before for before, _after in steps[1:]] == [after for _before, after in steps[:-1]]
    assert queries.profile(account.pk).city == steps[-1][1]


def test_changing_nothing_leaves_no_trace(customer, origin, now):
    before = acts(customer.account)
    assert not change(customer, Act(origin, now), city="Lille")
    assert acts(customer.account) == before


@pytest.mark.parametrize("field", ["country", "handle", "email", "state"])
def test_identifier_country_and_address_are_not_details(customer, origin, now, field):
    with pytest.raises(operations.DetailsNotChangeable):
        change(customer, Act(origin, now), **{field: "DE"})


def test_a_language_is_changed_with_a_trace(customer, origin, now):
    for _ in range(2):
        operations.set_language(account_id=customer.account.pk, language="fr", act=Act(origin, now))
    assert acts(customer.account).count("account.language_changed") == 1
