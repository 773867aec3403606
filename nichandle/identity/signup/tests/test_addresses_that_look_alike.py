"""Addresses that only look alike: neither merged nor told of each other; the undeliverable said."""

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.signup.models import Creation
from nichandle.platform.kernel import addresses
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox import rendering
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import refuse
from tests.support.people import PASSWORD, make_person
from tests.support.post import waiting_code

pytestmark = pytest.mark.django_db
UTF8 = "the mail server takes only addresses of ASCII letters"


def begin(visitor: Client, address: str, **origin: str) -> None:
    typed = {"country": "FR", "language": "en", "email": address, "password": PASSWORD}
    answer = visitor.post("/signup", typed, **origin)
    assert answer.headers["Location"] == "/signup/code", answer.content.decode()


def envelope(mail: Mail) -> str:
    return rendering.message(mail).recipient


@pytest.mark.parametrize(
    ("known", "typed"),
    [
        ("strasse@example.org", "straße@example.org"),
        ("bob@fass.example", "bob@faß.example"),
        ("bob@fass.example", "bob@xn--fa-hia.example"),
        ("sam@example.org", "\N{LATIN SMALL LETTER LONG S}am@example.org"),
        ("a@οδοσ.example", "a@οδος.example"),
        ("diane@example.org", "di\N{CYRILLIC SMALL LETTER A}ne@example.org"),
        ("fin@example.org", "\N{LATIN SMALL LIGATURE FI}n@example.org"),
    ],
)
def test_a_look_alike_of_a_known_address_is_unknown(visitor, known, typed):
    person = make_person(known)

    begin(visitor, typed)

    mail = Mail.objects.get()
    assert mail.template == "signup/mail/code"
    assert person.handle not in rendering.rendered(mail).text
    assert envelope(mail) == addresses.on_the_wire(addresses.check(typed))
    visitor.post("/signup/code", {"code": waiting_code("signup/mail/code", mail.recipient)})
    assert Account.objects.count() == 2


def test_a_domain_that_was_another_before_2008_gets_its_own_mail(visitor):
    begin(visitor, "max@faß.example")

    mail = Mail.objects.get()
    assert envelope(mail) == "max@xn--fa-hia.example"
    assert b"\r\nTo: max@xn--fa-hia.example\r\n" in rendering.message(mail).data


def test_the_ascii_form_of_a_domain_is_the_same_address(visitor):
    person = make_person("max@faß.example")

    begin(visitor, "Max@xn--fa-hia.example")

    mail = Mail.objects.get()
    assert mail.template == "signup/mail/known_address"
    assert mail.account_id == person.account.pk
    assert envelope(mail) == "max@xn--fa-hia.example"


def test_mail_about_a_known_account_goes_to_its_stored_address(visitor):
    """Some servers tell capitals apart: what was typed may be somebody else's there."""
    make_person("Diane.Mercier@example.org")

    begin(visitor, "DIANE.mercier@EXAMPLE.org")

    assert Mail.objects.get().recipient == "Diane.Mercier@example.org"


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("hélène@example.org", "only letters without accents can be reached from here"),
        ("helene@example.org", "Its mail server refuses it"),
    ],
)
def test_what_cannot_be_delivered_is_said_alike_for_known_and_unknown(
    visitor, known, address, said
):
    if known:
        make_person(address)
    begin(visitor, address)
    assert "could not be delivered" not in visitor.get("/signup/code").content.decode()

    refuse(Mail.objects.get(), error=UTF8, now=timezone.now())

    page = visitor.get("/signup/code").content.decode()
    assert f"Our mail to {address} could not be delivered." in page
    assert said in page
    assert UTF8 not in page
    visitor.post("/signup/code/again")
    assert "could not be delivered" not in visitor.get("/signup/code").content.decode()


def test_a_misleading_address_is_shown_with_what_it_is(visitor):
    begin(visitor, "x@\u0430\u0440\u0440\u04cf\u0435.com")

    assert "(x@xn--80ak6aa92e.com)" in visitor.get("/signup/code").content.decode()


def test_one_mailbox_is_not_written_to_by_many_tags(visitor):
    for number in range(8):
        begin(visitor, f"Victim+{number}@example.org", REMOTE_ADDR=f"203.0.{number // 4}.9")

    typed = {"country": "FR", "language": "en", "password": PASSWORD}
    answer = visitor.post("/signup", {**typed, "email": "victim+more@example.org"})

    assert answer.status_code == 429
    assert Mail.objects.count() == 8
    assert Creation.objects.count() == 1
    assert Allowance.objects.filter(name="signup.address").count() == 1


def test_a_stranger_spends_half_of_what_a_mailbox_is_sent_and_no_more(visitor):
    """By tags too; its owner, somewhere else, still creates an account."""
    typed = {"country": "FR", "language": "en", "password": PASSWORD}
    for number in range(9):
        asked = {**typed, "email": f"owner+{number}@example.org"}
        answer = visitor.post("/signup", asked, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 429

    begin(Client(HTTP_HOST="localhost"), "owner@example.org", REMOTE_ADDR="198.51.100.7")

    assert Mail.objects.filter(recipient="owner@example.org").count() == 1
