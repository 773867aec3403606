"""Mails that come too late, are replaced, or have to stop."""

from datetime import timedelta

import pytest

from nichandle.platform.outbox import (
    delivery,
    operations,
)
from nichandle.platform.outbox.tests.sending import deliver

pytestmark = pytest.mark.django_db


def test_a_mail_that_came_too_late_is_dropped_with_its_secret(write, smtp, now):
    mail = write(expires_at=now + timedelta(minutes=30))
    deliver(now + timedelta(minutes=30))

    mail.refresh_from_db()
    assert (mail.state, mail.secrets) == ("dropped", None)
    assert smtp.taken == []


def test_the_secret_goes_when_it_expires_though_the_mail_is_put_off_for_longer(write, smtp, now):
    smtp.answers["diane@example.org"] = "451 later please"
    mail = write(expires_at=now + timedelta(minutes=30))
    at = now
    while at < now + timedelta(minutes=30):
        deliver(at)
        mail.refresh_from_db()
        at = mail.next_try_at
    expired = now + timedelta(minutes=30)
    assert mail.secrets
    assert operations.drop_expired(now=expired) == 1

    mail.refresh_from_db()
    assert (mail.state, mail.secrets) == ("dropped", None)


def test_a_mail_just_being_handed_over_is_not_dropped(write, now):
    write(expires_at=now + timedelta(seconds=1))
    operations.claim(limit=1, now=now)

    assert operations.drop_expired(now=now + timedelta(seconds=2)) == 0


def test_a_newer_mail_replaces_one_that_waits(write, now, customer):
    mail = write(account_id=customer.account.pk)
    operations.supersede(template=mail.template, account_id=customer.account.pk, now=now)

    mail.refresh_from_db()
    assert (mail.state, mail.secrets) == ("dropped", None)


def test_a_mail_replaced_while_it_was_leaving_counts_as_sent(write, now, customer):
    mail = write(account_id=customer.account.pk)
    operations.claim(limit=1, now=now)
    operations.supersede(template=mail.template, account_id=customer.account.pk, now=now)
    operations.accept(mail, now=now)

    mail.refresh_from_db()
    assert (mail.state, mail.accepted_at) == ("sent", now)


def test_the_order_to_stop_is_obeyed_between_two_mails_and_the_rest_is_free_at_once(
    write, smtp, now
):
    for number in range(5):
        write(f"n{number}@example.org")
    orders = iter([False, False, True])
    delivery.deliver(lambda: now, lambda: next(orders))
    assert len(smtp.taken) == 2

    assert deliver(now) == 3
    assert len({message["To"] for message in smtp.taken}) == 5
