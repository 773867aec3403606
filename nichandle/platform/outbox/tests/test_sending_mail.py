"""A mail on its way: what it says, its headers, its secret, and who hears of its end."""

from html import unescape

import pytest
from django.db import connection, transaction

from nichandle.platform.outbox import (
    demo,
    operations,
    queries,
    rendering,
    signals,
)
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.tests.sending import CODE, deliver

pytestmark = pytest.mark.django_db


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


def test_nobody_writes_headers_of_their_own_through_a_name(write, smtp, now):
    write(
        template="signup/mail/welcome",
        context={"name": "Eve\r\nBcc: all@example.org", "address": "e@example.org"},
        secrets={},
    )
    deliver(now)

    assert smtp.taken[0]["Bcc"] is None


@pytest.mark.parametrize("to", ["ünï@example.org", "x@bücher.example"])
def test_addresses_beyond_ascii_are_written_to(write, smtp, now, to):
    mail = write(to)
    deliver(now)

    mail.refresh_from_db()
    assert mail.state == "sent", mail.last_error
    assert smtp.taken[0]["To"] in {to, "x@xn--bcher-kva.example"}


def test_a_name_is_written_as_it_is_in_subject_and_bodies(write, smtp, now):
    name = "Anne-Zoé O'Neill & <fils> 王"
    write(
        template="signup/mail/welcome",
        context={"name": name, "address": "e@example.org"},
        secrets={},
    )
    deliver(now)

    text = smtp.taken[0].get_body(("plain",)).get_content()
    html = smtp.taken[0].get_body(("html",)).get_content()
    assert name in text
    assert name in unescape(html)
    assert "<fils>" not in html


def test_lines_of_dots_and_long_lines_arrive_as_written(write, now, smtp, monkeypatch):
    body = ".\n..\nfrom\n. .\n" + "é" * 2000 + "\n"
    monkeypatch.setattr(
        rendering, "_render", lambda mail, secrets: rendering.Rendered("s", body, body)
    )
    write()
    deliver(now)

    for kind in ("plain", "html"):
        arrived = smtp.taken[0].get_body((kind,)).get_content()
        assert arrived.replace("\r\n", "\n") == body


@pytest.fixture
def listening(monkeypatch):
    """Let a test hear of the mails of the rooms it writes for."""

    def listen(hear) -> None:
        monkeypatch.setattr(signals, "HEARERS", {"signup": hear, "no": hear})

    return listen


@pytest.fixture
def heard(listening) -> list:
    seen: list = []
    listening(lambda mail, _now: seen.append((mail.pk, mail.state, connection.in_atomic_block)))
    return seen


@pytest.mark.django_db(transaction=True)
def test_rooms_above_hear_within_the_transaction_how_each_mail_ended(write, smtp, now, heard):
    smtp.answers["gone@example.org"] = "550 no such user"
    gone, broken, fine = write("gone@example.org"), write(template="no/such"), write()
    late = write(expires_at=now)
    deliver(now)

    assert sorted(heard) == [
        (gone.pk, "bounced", True),
        (broken.pk, "failed", True),
        (fine.pk, "sent", True),
        (late.pk, "dropped", True),
    ]


def test_a_fault_in_what_follows_from_a_mail_holds_up_no_other(write, smtp, now, caplog, listening):
    first, second = write("first@example.org"), write("second@example.org")

    def fail(mail, _now) -> None:
        if mail.pk == first.pk:
            raise ZeroDivisionError

    listening(fail)
    deliver(now)
    listening(lambda _mail, _now: None)

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("sending", "sent")
    assert "what follows from that failed" in caplog.text
    # It leaves again, ever more rarely, until the fault is mended.
    assert deliver(now + operations.CLAIM) == 0
    deliver(now + operations.CLAIM * 2)
    first.refresh_from_db()
    assert first.state == "sent"


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
