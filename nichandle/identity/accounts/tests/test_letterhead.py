"""Every mail to an account: to whom it goes, in what language, and who may contest what it says."""

from datetime import timedelta

import pytest

from nichandle.identity.accounts.letterhead import write
from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail

TEMPLATE = "signin/mail/password_changed"
OLD, YOUNG = "old@example.org", "young@example.org"


@pytest.fixture
def recovery(customer, now):
    """Two proven recovery addresses; one was proven long ago, the other yesterday."""
    for address, days in ((OLD, 30), (YOUNG, 1)):
        RecoveryAddress.objects.create(
            account=customer.account,
            address=address,
            address_key=addresses.key(address),
            added_at=now - timedelta(days=days),
            proven_at=now - timedelta(days=days),
        )


def waiting():
    return {mail.recipient: mail for mail in Mail.objects.filter(template=TEMPLATE)}


def test_without_names_every_address_is_told_and_the_established_may_contest(
    customer, recovery, origin, now
):
    write(customer.account, TEMPLATE, event="password.changed", act=Act(origin, now))

    assert {address: mail.secret_names for address, mail in waiting().items()} == {
        customer.email: ["not_me"],
        OLD: ["not_me"],
        YOUNG: [],
    }


def test_without_an_event_no_mail_carries_a_link(customer, recovery, origin, now):
    write(customer.account, TEMPLATE, act=Act(origin, now))

    assert [mail.secret_names for mail in waiting().values()] == [[], [], []]


def test_secrets_go_to_the_addresses_that_are_named(customer, recovery, origin, now):
    secrets = {"code": "BCDF-GHJK"}
    write(
        customer.account,
        TEMPLATE,
        to=[OLD],
        secrets=secrets,
        event="signin.code_sent",
        act=Act(origin, now),
    )

    assert {address: mail.secret_names for address, mail in waiting().items()} == {
        OLD: ["code", "not_me"]
    }


def test_secrets_without_a_name_are_written_to_nobody(customer, origin, now):
    with pytest.raises(ValueError, match="name the addresses"):
        write(customer.account, TEMPLATE, secrets={"code": "x"}, act=Act(origin, now))

    assert not waiting()


def test_it_is_the_accounts_in_its_language_and_its_time(customer, origin, now):
    Account.objects.update(language="fr", time_zone="Indian/Reunion")
    account = Account.objects.get(pk=customer.account.pk)
    write(account, TEMPLATE, facts={"name": "x"}, act=Act(origin, now))

    mail = waiting()[customer.email]
    assert (mail.account_id, mail.handle) == (account.pk, customer.handle)
    assert mail.language == "fr"
    assert mail.context == {"name": "x", "time_zone": "Indian/Reunion"}
