"""A mail is written with its fact, leaves once, and says how it went."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from nichandle.outbox import delivery, demo, operations, queries, rendering, signals
from nichandle.outbox.models import Mail

pytestmark = pytest.mark.django_db
CODE = "BCDF-GHJK"


@pytest.fixture
def write(now, origin):
    def written(to="diane@example.org", **changes) -> Mail:
        values = {
            "template": "signup/mail/code",
            "to": to,
            "language": "en",
            "account_id": None,
            "handle": "dm429850-OVH",
            "context": {"minutes": 30},
            "secrets": {"code": CODE},
            "origin": origin,
            "now": now,
        }
        return operations.enqueue(**{**values, **changes})

    return written


def deliver(at) -> int:
    return delivery.deliver(lambda: at)


def test_a_mail_leaves_with_identifier_origin_and_both_bodies(write, smtp, now):
    mail = write()

    assert deliver(now) == 1

    (message,) = smtp.taken
    assert message["Subject"] == "[dm429850-OVH] Your validation code"
    assert message["Message-ID"] == mail.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    for body in (text, html):
        assert CODE in body
        assert "203.0.113.7" in body
        assert "Firefox 145, Linux" in body
    mail.refresh_from_db()
    assert (mail.state, mail.accepted_at) == ("sent", now)


def test_french_mails_are_french(write, smtp, now):
    write(language="fr")
    deliver(now)

    assert smtp.taken[0]["Subject"] == "[dm429850-OVH] Votre code de validation"


def test_a_mail_of_a_transaction_that_fails_never_was(write):
    with transaction.atomic():
        write()
        transaction.set_rollback(True)

    assert not Mail.objects.exists()


def test_the_secret_is_sealed_while_it_waits_and_wiped_when_it_has_left(write, smtp, now):
    mail = write()
    assert CODE not in str(Mail.objects.values().get())

    deliver(now)

    mail.refresh_from_db()
    assert mail.secrets is None


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_a_person_is_shown_the_mail_with_its_secret_masked(write, smtp, now, state):
    mail = write()
    if state == "sent":
        deliver(now)
        mail.refresh_from_db()

    shown = rendering.rendered(mail)

    assert CODE not in shown.text + shown.html
    assert rendering.MASK in shown.text
    assert rendering.MASK in shown.html


def test_while_the_server_is_away_mail_waits_longer_each_time_then_leaves(
    write, settings, unused_port, now
):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    mail = write()
    waits, at = [], now
    for _ in range(4):
        assert deliver(at) == 1
        mail.refresh_from_db()
        assert mail.state == "queued"
        waits.append(mail.next_try_at - at)
        assert deliver(mail.next_try_at - timedelta(seconds=1)) == 0
        at = mail.next_try_at
    assert waits == sorted(set(waits))
    assert waits[-1] <= timedelta(hours=2)


def test_a_day_without_server_loses_nothing(write, settings, unused_port, now, request):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    for number in range(5):
        write(f"n{number}@example.org")
    for hours in range(24):
        deliver(now + timedelta(hours=hours))
    delivery._open.clear()

    server = request.getfixturevalue("smtp")
    deliver(now + timedelta(hours=27))

    assert sorted(message["To"] for message in server.taken) == [
        f"n{number}@example.org" for number in range(5)
    ]


def test_after_three_days_it_is_given_up_and_the_secret_is_gone(write, settings, unused_port, now):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    mail = write()
    deliver(now + timedelta(days=3))

    mail.refresh_from_db()
    assert (mail.state, mail.secrets) == ("failed", None)


def test_an_address_refused_for_good_bounces_and_others_leave(write, smtp, now):
    smtp.answers["gone@example.org"] = "550 no such user"
    gone, fine = write("gone@example.org"), write()
    deliver(now)

    gone.refresh_from_db()
    fine.refresh_from_db()
    assert (gone.state, fine.state) == ("bounced", "sent")
    assert "550 no such user" in gone.last_error
    assert gone.secrets is None


def test_an_address_refused_for_now_is_tried_again(write, smtp, now):
    smtp.answers["busy@example.org"] = "451 later please"
    mail = write("busy@example.org")
    deliver(now)
    smtp.answers.clear()
    mail.refresh_from_db()
    assert mail.state == "queued"

    deliver(mail.next_try_at)

    assert len(smtp.taken) == 1


def test_a_mail_that_cannot_be_rendered_fails_and_others_leave(write, smtp, now, caplog):
    broken, fine = write(template="no/such/mail"), write()
    deliver(now)

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.state, fine.state) == ("failed", "sent")
    assert "cannot be rendered" in caplog.text


def test_a_mail_that_came_too_late_is_dropped_with_its_secret(write, smtp, now):
    mail = write(expires_at=now + timedelta(minutes=30))
    deliver(now + timedelta(minutes=30))

    mail.refresh_from_db()
    assert (mail.state, mail.secrets) == ("dropped", None)
    assert smtp.taken == []


def test_a_newer_mail_replaces_one_that_waits(write, now, customer):
    mail = write(account_id=customer.account.pk)
    operations.supersede(template=mail.template, account_id=customer.account.pk, now=now)

    mail.refresh_from_db()
    assert (mail.state, mail.secrets) == ("dropped", None)


def test_nobody_writes_headers_of_their_own_through_a_name(write, smtp, now):
    write(
        template="signup/mail/welcome",
        context={"name": "Eve\r\nBcc: all@example.org", "address": "e@example.org"},
        secrets={},
    )
    deliver(now)

    assert smtp.taken[0]["Bcc"] is None


def test_rooms_above_hear_within_the_transaction_how_a_mail_ended(write, smtp, now):
    heard = []

    def listen(sender, mail, now, **_more) -> None:
        heard.append((mail.pk, mail.state, connection.in_atomic_block))

    signals.settled.connect(listen)
    try:
        mail = write()
        deliver(now)
    finally:
        signals.settled.disconnect(listen)

    assert heard == [(mail.pk, "sent", True)]


def test_a_killed_worker_repeats_the_one_in_flight_with_the_same_message_id(write, smtp, now):
    write()
    (taken,) = operations.claim(limit=10, now=now)
    operations.begin(taken, now=now)
    # Killed here: the server may have it or not, so it leaves again.
    assert deliver(now + operations.CLAIM) == 0
    assert deliver(now + operations.LEASE) == 1

    assert [message["Message-ID"] for message in smtp.taken] == [taken.message_id]


def test_a_worker_that_lost_its_claim_does_not_send(write, smtp, now):
    write()
    (slow,) = operations.claim(limit=10, now=now)
    deliver(now + operations.CLAIM)

    assert not operations.begin(slow, now=now + operations.CLAIM)
    assert len(smtp.taken) == 1


def test_demo_mode_writes_files_that_can_be_read(write, now, settings, tmp_path):
    settings.NICHANDLE_DATA = tmp_path
    mail = write()
    deliver(now)

    (letter,) = demo.letters()
    assert letter.to == "diane@example.org"
    assert CODE in letter.text
    assert CODE in letter.html
    assert demo.letter(letter.name) == letter
    assert demo.letter("../secret") is None
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_the_mails_of_an_account_come_in_pages_newest_first(write, customer):
    for number in range(5):
        write(f"n{number}@example.org", account_id=customer.account.pk)

    first = queries.mails_of(customer.account.pk, size=3)
    second = queries.mails_of(customer.account.pk, size=3, after=first.next)

    assert [mail.recipient[:2] for mail in first.rows + second.rows] == [
        "n4",
        "n3",
        "n2",
        "n1",
        "n0",
    ]
    assert second.next is None


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_nothing_twice(write, now):
    for number in range(40):
        write(f"n{number}@example.org")
    sent: list[str] = []

    class Sink:
        def send(self, message, recipient) -> None:
            sent.append(recipient)

        def close(self) -> None:
            """Nothing is open."""

    def work(_number: int) -> None:
        try:
            while taken := operations.claim(limit=7, now=now):
                for mail in taken:
                    delivery.deliver_one(mail, Sink(), clock=lambda: now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert sorted(sent) == sorted(f"n{number}@example.org" for number in range(40))
