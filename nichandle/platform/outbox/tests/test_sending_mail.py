"""A mail is written with its fact, leaves once, and says how it went."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from html import unescape

import pytest
from django.db import OperationalError, connection, transaction

from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox import (
    delivery,
    demo,
    operations,
    queries,
    rendering,
    signals,
    transports,
)
from nichandle.platform.outbox.models import Mail

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
            "act": Act(origin, now),
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


def test_while_the_server_is_away_mail_waits_and_the_line_rests_longer_each_time(
    write, settings, unused_port, now, own_line
):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    mail = write()
    rests, at = [], now
    for _ in range(9):
        assert deliver(at) == 0
        rests.append(own_line.rests_until - at)
        assert own_line.rests(own_line.rests_until - timedelta(milliseconds=1))
        at = own_line.rests_until
    assert rests[:3] == [timedelta(seconds=1), timedelta(seconds=2), timedelta(seconds=4)]
    assert rests[-1] == delivery.LONGEST_REST
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.lease_until) == ("queued", 0, None)


def test_a_line_that_rests_is_not_kept_resting_by_a_clock_set_back(
    write, settings, unused_port, now, own_line
):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    write()
    deliver(now)

    assert not own_line.rests(now - timedelta(days=1))


def test_after_a_day_without_server_everything_leaves_at_once_and_in_order(
    write, settings, unused_port, now, mail_server
):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    for hours in range(24):
        write(f"n{hours}@example.org", act=Act.by_itself(now + timedelta(hours=hours)))
        deliver(now + timedelta(hours=hours))

    with mail_server(unused_port) as server:
        deliver(now + timedelta(hours=24))

    assert [message["To"] for message in server.taken] == [
        f"n{number}@example.org" for number in range(24)
    ]


def test_a_connection_the_server_has_closed_is_opened_again_and_costs_no_mail_its_turn(
    write, smtp, now, monkeypatch
):
    monkeypatch.setattr(transports, "FRESH_SECONDS", 0)
    write()
    deliver(now)
    smtp.hang_up()
    mail = write("second@example.org")
    deliver(now)

    mail.refresh_from_db()
    assert (mail.state, mail.attempts) == ("sent", 1)
    assert smtp.connections == 2


def test_a_server_that_goes_away_amid_a_batch_costs_the_rest_no_turn(write, now):
    class Leaving:
        """Takes one mail, then is gone."""

        sent = 0

        def announce(self, message) -> None:
            if self.sent:
                raise transports.Away("gone")

        def send(self, message, meanwhile) -> None:
            self.sent += 1

        def withdraw(self) -> None:
            """Nothing is open."""

    mails = [write(f"n{number}@example.org") for number in range(3)]
    delivery.Batch(operations.claim(limit=9, now=now), Leaving(), lambda: now).send()

    for mail in mails:
        mail.refresh_from_db()
    assert [mail.state for mail in mails] == ["sent", "queued", "queued"]
    assert [mail.attempts for mail in mails] == [1, 0, 0]
    assert {mail.lease_until for mail in mails} == {None}


def test_one_connection_carries_many_mails(write, smtp, now):
    for number in range(20):
        write(f"n{number}@example.org")
    smtp.answers["n3@example.org"] = "550 no such user"
    deliver(now)
    write("later@example.org")
    deliver(now)

    assert len(smtp.taken) == 20
    assert smtp.connections == 1


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


def test_an_address_refused_for_now_is_tried_again_later_each_time(write, smtp, now):
    smtp.answers["busy@example.org"] = "451 later please"
    mail = write("busy@example.org")
    waits, at = [], now
    for _ in range(12):
        assert deliver(at) == 1
        mail.refresh_from_db()
        assert mail.state == "queued"
        waits.append(mail.next_try_at - at)
        assert deliver(mail.next_try_at - timedelta(seconds=1)) == 0
        at = mail.next_try_at
    assert waits[:3] == [timedelta(seconds=seconds) for seconds in (10, 20, 40)]
    assert waits[-1] == operations.LONGEST_DELAY

    smtp.answers.clear()
    deliver(mail.next_try_at)

    assert len(smtp.taken) == 1


def test_a_mail_the_server_hangs_up_on_waits_and_others_leave(write, smtp, now):
    smtp.answers["poison@example.org"] = "421 good bye"
    poison, fine = write("poison@example.org"), write()
    deliver(now)

    poison.refresh_from_db()
    fine.refresh_from_db()
    assert (poison.state, fine.state) == ("queued", "sent")
    assert "421 good bye" in poison.last_error


def test_a_mail_on_which_the_transport_breaks_waits_and_others_leave(write, now, post, caplog):
    class Broken(type(post)):
        def send(self, message, meanwhile) -> None:
            if message.recipient.startswith("poison"):
                raise ZeroDivisionError
            post.send(message, meanwhile)

    poison, fine = write("poison@example.org"), write()
    delivery.Batch([poison, fine], Broken(), lambda: now).send()

    poison.refresh_from_db()
    fine.refresh_from_db()
    assert (poison.state, fine.state) == ("queued", "sent")
    assert "cannot be sent" in caplog.text


def test_a_database_lost_between_announcement_and_body_puts_no_mail_into_another(
    write, smtp, now, monkeypatch, own_line
):
    write("first@example.org"), write("second@example.org")

    def lost(*_mails, **_times):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patch:
        patch.setattr(operations, "accept", lost)
        with pytest.raises(OperationalError):
            deliver(now)
    write("third@example.org")
    deliver(now + operations.CLAIM)

    # The first had left and its row could not know: it comes twice, with one Message-ID.
    expected = ["first", "third", "first", "second"]
    assert sorted(smtp.recipients) == sorted(f"{name}@example.org" for name in expected)
    for recipient, message in zip(smtp.recipients, smtp.taken, strict=True):
        assert message["To"] == recipient
        assert "MAIL FROM" not in message.as_string()
    assert len({message["Message-ID"] for message in smtp.taken}) == 3


@pytest.mark.parametrize("again", ["announce", "connect", "withdraw"])
def test_what_was_announced_can_be_taken_back(write, smtp, settings, again):
    first, second = (rendering.message(write(f"{name}@example.org")) for name in ("a", "b"))
    transport = transports.Smtp(settings.NICHANDLE_MAIL_URL)
    transport.connect()
    transport.announce(first)
    if again != "announce":
        getattr(transport, again)()
    transport.announce(second)
    transport.send(second)
    transport.close()

    assert smtp.recipients == ["b@example.org"]
    assert [message["To"] for message in smtp.taken] == ["b@example.org"]


def test_a_fault_amid_the_talk_puts_no_mail_into_another(write, smtp, now, monkeypatch):
    write("first@example.org"), write("second@example.org")
    with monkeypatch.context() as patch:
        patch.setattr(transports, "_DOTS", None)
        delivery.Batch(
            operations.claim(limit=1, now=now), delivery.line.open(now), lambda: now
        ).send()
    deliver(now + operations.CLAIM)

    assert sorted(smtp.recipients) == ["first@example.org", "second@example.org"]
    assert [message["To"] for message in smtp.taken] == smtp.recipients


def test_a_server_that_wants_the_body_of_a_mail_it_refused_gets_none(
    write, settings, now, unused_port, clumsy_server
):
    settings.NICHANDLE_MAIL_URL = f"smtp://127.0.0.1:{unused_port}"
    mail = write("gone@example.org")
    with clumsy_server(unused_port) as said:
        started = time.monotonic()
        deliver(now)

    assert time.monotonic() - started < 5
    assert said[-1] == "DATA"
    mail.refresh_from_db()
    assert mail.state == "bounced"


def test_a_server_without_room_for_the_size_refuses_the_mail_not_the_sender(write, smtp, now):
    smtp.sender_answer = "552 too much"
    large = write()
    deliver(now)
    smtp.sender_answer = "550 we do not know you"
    unknown = write()
    deliver(now)

    large.refresh_from_db()
    unknown.refresh_from_db()
    assert (large.state, unknown.state) == ("bounced", "queued")


def test_a_mail_that_cannot_be_rendered_fails_and_others_leave(write, smtp, now, caplog):
    broken, fine = write(template="no/such/mail"), write()
    deliver(now)

    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.state, fine.state) == ("failed", "sent")
    assert "cannot be rendered" in caplog.text


def test_a_mail_sealed_with_another_secret_waits_and_leaves_when_that_is_back(
    write, smtp, now, settings, caplog
):
    sealed = write()
    right, settings.SECRET_KEY = settings.SECRET_KEY, "another one, put in by mistake"
    waits, at = [], now
    while at < now + timedelta(days=9):
        deliver(at)
        sealed.refresh_from_db()
        waits.append(sealed.next_try_at - at)
        at = sealed.next_try_at
    operations.give_up_old(error="no mail server", now=at)

    sealed.refresh_from_db()
    assert (sealed.state, queries.unreadable()) == ("queued", 1)
    assert waits == sorted(waits)
    assert waits[-1] == operations.LONGEST_DELAY
    assert "waits: sealed with a secret" in caplog.text
    fine = write(to="paul@example.org")
    deliver(at)
    settings.SECRET_KEY = right
    deliver(at + operations.LONGEST_DELAY)
    sealed.refresh_from_db()
    fine.refresh_from_db()
    assert (sealed.state, queries.unreadable()) == ("sent", 0)
    assert smtp.recipients == ["paul@example.org", "diane@example.org"]


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


def test_a_killed_worker_repeats_the_one_in_flight_with_the_same_message_id(write, smtp, now):
    write()
    (taken,) = operations.claim(limit=10, now=now)
    # Killed here: the server may have it or not, so it leaves again.
    assert deliver(now + operations.CLAIM - timedelta(seconds=1)) == 0
    assert deliver(now + operations.CLAIM) == 1

    assert [message["Message-ID"] for message in smtp.taken] == [taken.message_id]


def test_a_worker_that_is_slow_renews_its_claim(write, smtp, now, monkeypatch):
    monkeypatch.setattr(operations, "CLAIM_USED", timedelta(seconds=-1))
    mails = [write(f"n{number}@example.org") for number in range(3)]
    times = iter(now + timedelta(minutes=minutes) for minutes in range(100))
    batch = delivery.Batch(
        operations.claim(limit=9, now=now), delivery.line.open(now), lambda: next(times)
    )
    Mail.objects.filter(pk=mails[1].pk).update(attempts=2)  # taken by somebody else meanwhile
    batch.send()

    assert smtp.recipients == ["n0@example.org", "n2@example.org"]
    mails[1].refresh_from_db()
    assert (mails[1].state, mails[1].lease_until) == ("sending", now + operations.CLAIM)


def test_a_claim_that_was_lost_cannot_be_renewed(write, now):
    write()
    slow = operations.claim(limit=10, now=now)
    assert operations.renew(slow, now=now) == {slow[0].pk}
    operations.claim(limit=10, now=now + operations.CLAIM)

    assert operations.renew(slow, now=now + operations.CLAIM) == set()


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
def test_two_workers_send_nothing_twice(write, now, post):
    for number in range(40):
        write(f"n{number}@example.org")
    sent: list[str] = []

    class Sink(type(post)):
        def send(self, message, meanwhile) -> None:
            sent.append(message.recipient)
            meanwhile()

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
