"""Delivery: asked for with a signature until it is answered, and done once."""

import json
import logging
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from nichandle.commerce.orders.delivery import answering, asking
from nichandle.commerce.orders.delivery.signing import HEADER, genuine, sign
from nichandle.commerce.orders.models import OrderEvent, OrderLine
from nichandle.commerce.orders.tests.goods import order, wanted
from nichandle.commerce.orders.tests.living import again, bounce, deliver, pay, send_back
from nichandle.commerce.orders.withdrawal.declaring import Declaration, withdraw
from nichandle.commerce.payments.queries import of_cause
from nichandle.commerce.services.models import Service
from nichandle.platform.kernel.act import Act
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]
SECRET = "a secret of the provisioning"
BROKEN_CHUNKS = b"no length\r\n{}"
"""A body whose first chunk does not say how long it is (RFC 9112, section 7.1)."""


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


class Provisioning:
    """The operator's receiver: keeps what it is asked, and answers what the test wants."""

    def __init__(self) -> None:
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, bytes]] = []

    def answer(self, status: int, body: object) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.answers.append((status, text))


@contextmanager
def listening(provisioning):
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            provisioning.asked.append((dict(self.headers), body))
            status, answer = provisioning.answers.pop(0)
            self.send_response(status)
            if answer == BROKEN_CHUNKS:
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(answer)
                return
            if 300 <= status < 400:
                self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/orders"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def provisioning(settings):
    made = Provisioning()
    with listening(made) as address:
        settings.NICHANDLE_DELIVERY_URL = address
        settings.NICHANDLE_DELIVERY_SECRET = (SECRET, "an older secret of the same")
        yield made


def line_of(placed):
    return OrderLine.objects.get(order=placed)


def next_ask():
    return OrderLine.objects.get().ask_at


def tell(said, *, secret=SECRET, now=None, browser=None):
    body = said if isinstance(said, bytes) else json.dumps(said).encode()
    signed = sign(body, secret, now=now or timezone.now())
    return (browser or Client(HTTP_HOST="localhost", enforce_csrf_checks=True)).post(
        "/webhooks/delivery", body, content_type="application/json", headers={HEADER: signed}
    )


def test_the_receiver_is_asked_with_a_signature_and_what_it_needs(customer, act, provisioning):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    provisioning.answer(200, {"state": "done"})
    pay(placed)
    deliver(placed)

    ((headers, body),) = provisioning.asked
    assert genuine(headers[HEADER], body, [SECRET], now=timezone.now())
    line = line_of(placed)
    assert headers["Idempotency-Key"] == str(line.key)
    assert json.loads(body) == {
        "key": str(line.key),
        "order": placed.number,
        "line": 1,
        "handle": customer.handle,
        "product": "start",
        "family": "hosting",
        "name": "mercier.example",
        "period_months": 12,
        "answers": {"domain": "mercier.example"},
        "service": line.service_id,
        "before": "",
    }
    assert again(placed).state == "delivered"


def test_what_is_accepted_waits_until_the_receiver_says_more(customer, act, provisioning):
    placed = order(customer, act=act)
    provisioning.answer(202, {"state": "accepted"})
    pay(placed)
    deliver(placed)
    assert (again(placed).state, line_of(placed).delivery) == ("delivering", "asked")
    assert Service.objects.get().state == "creating"

    said = {"key": str(line_of(placed).key), "state": "done"}
    assert tell(said).status_code == 200
    first = Service.objects.get().expiry_date
    assert tell(said).status_code == 200

    assert again(placed).state == "delivered"
    assert Service.objects.get().expiry_date == first
    assert OrderEvent.objects.filter(order=placed, act="delivered").count() == 1


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {}),
        (404, {"state": "done"}),
        (302, {"state": "done"}),
        (200, b"not JSON"),
        (200, {"state": "perhaps"}),
        (200, ["done"]),
        (200, {"state": ["done"]}),
        (200, b"[" * 60_000),
        (200, BROKEN_CHUNKS),
    ],
)
def test_any_other_answer_is_a_failure_and_is_asked_again(
    customer, act, provisioning, status, answer
):
    placed = order(customer, act=act)
    provisioning.answer(status, answer)
    pay(placed)
    begun = timezone.now()
    deliver(placed)

    line = line_of(placed)
    assert (again(placed).state, line.delivery, line.attempts) == ("delivering", "asked", 1)
    assert line.trouble
    assert begun + timedelta(seconds=9) < next_ask() < timezone.now() + timedelta(seconds=11)

    provisioning.answer(200, {"state": "done"})
    deliver(placed, next_ask())
    assert again(placed).state == "delivered"
    keys = {headers["Idempotency-Key"] for headers, _body in provisioning.asked}
    assert keys == {str(line.key)}


def test_who_does_not_listen_is_asked_again(customer, act, settings):
    settings.NICHANDLE_DELIVERY_URL = "http://127.0.0.1:9/orders"
    settings.NICHANDLE_DELIVERY_SECRET = (SECRET,)
    placed = order(customer, act=act)
    pay(placed)
    deliver(placed)

    assert line_of(placed).attempts == 1
    assert next_ask() > timezone.now()


def test_after_the_last_try_people_are_told_and_can_begin_anew(customer, act, provisioning, caplog):
    placed = order(customer, act=act)
    provisioning.answer(500, {})
    pay(placed)
    deliver(placed)
    OrderLine.objects.update(attempts=asking.TRIES - 1)
    provisioning.answer(500, {})
    with caplog.at_level(logging.ERROR):
        deliver(placed, next_ask())

    assert (again(placed).state, line_of(placed).delivery) == ("delivering", "failed")
    assert placed.number in caplog.text
    assert next_ask() is None
    assert OrderEvent.objects.filter(order=placed, act="line_failed").count() == 1

    call_command("order", "ask-again", placed.number)
    provisioning.answer(200, {"state": "done"})
    deliver(placed)
    assert again(placed).state == "delivered"


def test_an_answer_counts_only_with_the_secret_and_only_now(customer, act, provisioning):
    placed = order(customer, act=act)
    provisioning.answer(202, {})
    pay(placed)
    deliver(placed)
    said = {"key": str(line_of(placed).key), "state": "done"}
    moment = timezone.now()

    assert tell(said, secret="another secret, guessed").status_code == 403
    assert tell(said, now=moment - timedelta(minutes=6)).status_code == 403
    assert tell(said, now=moment + timedelta(minutes=6)).status_code == 403
    plain = Client(HTTP_HOST="localhost").post(
        "/webhooks/delivery", json.dumps(said), content_type="application/json"
    )
    assert plain.status_code == 403
    assert again(placed).state == "delivering"
    assert tell(said, secret="an older secret of the same").status_code == 200
    assert again(placed).state == "delivered"


def test_without_a_secret_nobody_is_believed(customer, act, settings):
    settings.NICHANDLE_DELIVERY_SECRET = ()

    assert tell({"key": str(uuid4()), "state": "done"}, secret="").status_code == 403


def test_a_failure_recorded_and_sent_again_takes_nothing_back(customer, act, provisioning):
    placed = order(customer, act=act)
    provisioning.answer(202, {})
    pay(placed)
    deliver(placed)
    key = str(line_of(placed).key)
    failed = {"key": key, "state": "failed", "trouble": "the registry is down"}

    assert tell(failed).status_code == 200
    assert tell(failed).status_code == 200
    assert line_of(placed).trouble == "the registry is down"
    assert OrderEvent.objects.filter(order=placed, act="line_failed").count() == 1
    assert tell({"key": key, "state": "done"}).status_code == 200
    assert tell(failed).status_code == 200

    assert (line_of(placed).delivery, again(placed).state) == ("done", "delivered")


@pytest.mark.parametrize(
    "said",
    [
        b"no JSON",
        b"[]",
        b"7",
        {"key": "no key", "state": "done"},
        {"key": str(uuid4())},
        {"key": str(uuid4()), "state": "undone"},
        {"key": str(uuid4()), "state": ["done"]},
        {"key": str(uuid4()), "state": "failed", "trouble": 7},
        {"key": str(uuid4()), "state": "failed", "trouble": "a\0b"},
        {"key": [], "state": "done"},
        b"[" * 5000,
    ],
)
def test_what_says_nothing_is_refused(provisioning, said):
    assert tell(said).status_code == 422


def test_a_body_without_end_is_refused(provisioning):
    assert tell(b" " * 20_000).status_code == 403


def test_a_key_of_nothing_is_told_so(provisioning):
    assert tell({"key": str(uuid4()), "state": "done"}).status_code == 409


def test_nothing_is_delivered_of_an_order_whose_money_was_taken_back(customer, act, provisioning):
    placed = order(customer, act=act)
    provisioning.answer(202, {})
    pay(placed)
    deliver(placed)
    bounce(placed)

    assert tell({"key": str(line_of(placed).key), "state": "done"}).status_code == 409
    with pytest.raises(answering.NothingToDeliver):
        answering.done(line_of(placed).key, act=act)
    assert Service.objects.get().state == "creating"


def test_the_operator_looks_and_delivers_by_hand(customer, act, settings, capsys):
    settings.NICHANDLE_MODE = "production"
    placed = order(customer, wanted("start", "mercier.example"), wanted("vps"), act=act)
    pay(placed)
    deliver(placed)
    assert again(placed).state == "delivering"

    call_command("order", "show", placed.number.lower(), "--json")
    shown = json.loads(capsys.readouterr().out)
    assert shown["handle"] == customer.handle
    assert [line["delivery"] for line in shown["lines"]] == ["asked", "asked"]
    call_command("order", "deliver", placed.number, "--line", "2")
    assert again(placed).state == "delivering"
    call_command("order", "deliver", placed.number)
    assert again(placed).state == "delivered"
    call_command("order", "show", placed.number)
    assert "delivered" in capsys.readouterr().out

    with pytest.raises(CommandError):
        call_command("order", "deliver", placed.number, "--line", "3")
    with pytest.raises(CommandError):
        call_command("order", "show", "C00000000")


def test_what_was_withdrawn_from_is_passed_over_by_hand(customer, act, settings, capsys):
    settings.NICHANDLE_MODE = "production"
    placed = order(
        customer, wanted("start", "mercier.example"), wanted("domain-fr", "mercier.fr"), act=act
    )
    pay(placed)
    deliver(placed)
    withdraw(
        account_id=customer.account.pk,
        number=placed.number,
        declaration=Declaration("Diane Mercier"),
        act=act,
    )

    call_command("order", "ask-again", placed.number)
    call_command("order", "deliver", placed.number)

    said = capsys.readouterr().out.splitlines()
    assert said[-2:] == ["1 mercier.example: stopped, nothing to do", "2 mercier.fr: delivered"]
    assert again(placed).state == "delivered"


def test_the_operator_cancels_what_cannot_be_delivered_and_the_money_goes_back(
    customer, act, settings, capsys, post
):
    settings.NICHANDLE_MODE = "production"
    placed = order(customer, wanted("start", "mercier.example"), wanted("vps"), act=act)
    pay(placed)
    deliver(placed)
    call_command("order", "deliver", placed.number, "--line", "1")

    call_command("order", "cancel", placed.number)
    call_command("order", "cancel", placed.number)

    assert capsys.readouterr().out.count(f"{placed.number}: cancelling") == 2
    assert (again(placed).state, again(placed).reason) == ("cancelling", "operator")
    assert set(Service.objects.values_list("state", flat=True)) == {"terminated"}
    assert "Customer service has cancelled" in text_of(post.last_to(customer.email))
    assert (send_back(placed).state, again(placed).paid_back) == ("cancelled", placed.gross)
    with pytest.raises(CommandError, match="Nothing of this order"):
        call_command("order", "deliver", placed.number, "--line", "2")


def test_the_operator_cancels_what_is_not_paid_and_nothing_that_is_delivered(customer, act):
    unpaid, there = order(customer, act=act), order(customer, wanted("vps"), act=act)
    pay(there)
    deliver(there)

    call_command("order", "cancel", unpaid.number)

    assert (again(unpaid).state, again(unpaid).reason) == ("cancelled", "operator")
    assert of_cause(unpaid.cause).state == "cancelled"
    with pytest.raises(CommandError, match="is delivered"):
        call_command("order", "cancel", there.number)
    assert again(there).state == "delivered"
    with pytest.raises(CommandError):
        call_command("order", "cancel", "C00000000")


def test_services_whose_contacts_are_in_dispute_are_not_ended_by_cancelling(
    customer, act, settings, now
):
    settings.NICHANDLE_MODE = "production"
    placed = order(customer, act=act)
    pay(placed)
    deliver(placed)
    Service.objects.update(contacts_frozen_at=now)

    with pytest.raises(CommandError, match="in dispute"):
        call_command("order", "cancel", placed.number)
    assert again(placed).state == "delivering"


@pytest.fixture
def half(customer, act, settings):
    """An order of two lines by hand, of which the first is delivered."""
    settings.NICHANDLE_MODE = "production"
    placed = order(customer, wanted("start", "mercier.example"), wanted("vps"), act=act)
    pay(placed)
    deliver(placed)
    call_command("order", "deliver", placed.number, "--line", "1")
    return placed


def first_of(placed):
    return OrderLine.objects.select_related("service").get(order=placed, position=1)


def test_a_line_that_is_said_twice_to_be_delivered_runs_from_the_first_day(half, act):
    before = first_of(half)
    later = Act(act.origin, act.now + timedelta(days=3))

    assert answering.done(before.key, act=later)

    after = first_of(half)
    assert after.delivered_at == before.delivered_at
    assert after.service.expiry_date == before.service.expiry_date
    assert OrderEvent.objects.filter(order=half, act="line_delivered").count() == 1


def test_a_failure_that_comes_late_takes_no_delivered_line_back(half, act):
    answering.failed(first_of(half).key, trouble="an old message", act=act)

    line = first_of(half)
    assert (line.delivery, line.trouble) == ("done", "")
    assert not OrderEvent.objects.filter(order=half, act="line_failed").exists()


def test_what_is_delivered_or_waits_to_be_paid_is_not_asked_for_again(half, act):
    with pytest.raises(answering.NothingToDeliver):
        asking.ask_again(first_of(half).key, act=act)

    bounce(half)
    other = OrderLine.objects.get(order=half, position=2)
    with pytest.raises(answering.NothingToDeliver):
        asking.ask_again(other.key, act=act)
    assert not OrderLine.objects.filter(ask_at__isnull=False).exists()


def test_nobody_is_asked_for_an_order_whose_money_was_taken_back(customer, act, provisioning):
    placed = order(customer, act=act)
    pay(placed)
    work(None)
    assert next_ask() is not None
    bounce(placed)

    assert asking.ask_due(now=timezone.now()) == 0

    assert (provisioning.asked, next_ask()) == ([], None)
    assert line_of(placed).attempts == 0


def test_nobody_is_asked_for_what_was_withdrawn_from(half, act, provisioning):
    OrderLine.objects.filter(order=half, position=2).update(
        delivery="stopped", ask_at=timezone.now()
    )

    assert asking.ask_due(now=timezone.now()) == 0
    assert provisioning.asked == []


def test_a_worker_that_dies_while_it_asks_holds_its_line_for_two_minutes(
    customer, act, provisioning, monkeypatch
):
    placed = order(customer, act=act)
    pay(placed)
    work(None)
    now = timezone.now()

    def die(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(asking, "_call", die)
        with pytest.raises(KeyboardInterrupt):
            asking.ask_due(now=now)
    assert asking.ask_due(now=now + timedelta(seconds=119)) == 0

    provisioning.answer(200, {"state": "done"})
    assert asking.ask_due(now=now + timedelta(seconds=120)) == 1
    assert again(placed).state == "delivered"
    assert line_of(placed).attempts == 2
