"""Mail servers that are away, refuse, or break off: what waits, what leaves, what is given up."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError

from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox import (
    delivery,
    operations,
    queries,
    rendering,
    transports,
)
from nichandle.platform.outbox.tests.sending import deliver

pytestmark = pytest.mark.django_db


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
