"""Withdrawal: a consumer's right, in two steps, and no weapon in the hands of a stranger."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime

from nichandle.commerce.orders import queries
from nichandle.commerce.orders.models import Order, Withdrawal
from nichandle.commerce.orders.tests.goods import euros, order, wanted
from nichandle.commerce.orders.tests.living import again, bounce, deliver, pay, send_back
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.commerce.orders.withdrawal.declaring import CannotWithdraw, Declaration, withdraw
from nichandle.commerce.services.models import Service
from nichandle.identity.accounts.models import Account
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.catalogue import CATALOGUE as LIMITS
from nichandle.platform.outbox.models import Mail
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
DECLARED = {"name": "Diane Mercier", "words": ""}


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


@pytest.fixture
def delivered(customer, act):
    """An order that is paid and delivered: hosting, and a name that the law excepts."""
    placed = order(
        customer, wanted("start", "mercier.example"), wanted("domain-fr", "mercier.fr"), act=act
    )
    pay(placed)
    return deliver(placed)


@pytest.fixture
def hosting(customer, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)
    return deliver(placed)


def mine(person, placed, act):
    return withdraw(
        account_id=person.account.pk,
        number=placed.number,
        declaration=Declaration("Diane Mercier", "I changed my mind"),
        act=act,
    )


def by_address(browser, number, address):
    """Declare on the public pages: fill the form in, then confirm what one has read."""
    given = {"number": number, "address": address, **DECLARED}
    first = browser.post("/withdraw", given)
    assert first.status_code == 200
    assert "Confirm the withdrawal" in first.content.decode()
    return browser.post("/withdraw/confirm", given)


def test_signed_in_it_ends_the_service_and_the_money_goes_back(customer, hosting, act, post):
    mine(customer, hosting, act)

    assert again(hosting).state == "cancelling"
    assert Service.objects.get().state == "terminated"
    ended = send_back(hosting)
    assert (ended.state, ended.reason, ended.paid_back) == (
        "cancelled",
        "withdrawn",
        euros("42.00"),
    )
    letters = [text_of(letter) for _to, letter in post.deliver()]
    assert any("We acknowledge that on" in text and "mercier.example" in text for text in letters)


def test_what_the_law_excepts_goes_on_and_stays_paid(customer, delivered, act):
    mine(customer, delivered, act)

    assert again(delivered).state == "delivered"
    states = dict(Service.objects.values_list("name", "state"))
    assert states == {"mercier.example": "terminated", "mercier.fr": "active"}
    back = send_back(delivered)
    assert (back.state, back.paid_back) == ("delivered", euros("42.00"))


def test_declared_twice_it_is_one(customer, hosting, act):
    first = mine(customer, hosting, act)

    assert mine(customer, hosting, act) == first
    assert again(hosting).state == "cancelling"
    assert Withdrawal.objects.count() == 1


def test_it_is_there_until_the_last_moment_and_not_after(customer, hosting, act, origin):
    last = again(hosting).withdrawable_until
    late = Act(origin, last)

    with pytest.raises(CannotWithdraw):
        mine(customer, hosting, late)
    mine(customer, hosting, Act(origin, last - timedelta(seconds=1)))
    assert again(hosting).state == "cancelling"


def test_the_last_day_is_named_as_people_name_it(customer, hosting, post):
    browser = customer.sign_in()
    letters = [text_of(letter) for _to, letter in post.deliver()]
    mail = next(text for text in letters if "may withdraw from the contract until" in text)

    until = date_format(localtime(again(hosting).withdrawable_until - timedelta(hours=1)), "j F Y")
    said = f"{until} at 23:59"
    assert said in mail
    for page in (f"/orders/{hosting.number}", "/withdraw"):
        assert said in browser.get(page).content.decode()


def test_of_what_is_only_excepted_nobody_withdraws(customer, act):
    placed = order(customer, wanted("domain-fr", "mercier.fr"), act=act)
    pay(placed)
    deliver(placed)

    with pytest.raises(CannotWithdraw):
        mine(customer, placed, act)


def test_who_buys_for_a_business_has_no_such_right(customer, act):
    Account.objects.filter(pk=customer.account.pk).update(
        kind="corporation", organisation="Boulangerie Mercier"
    )
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)
    deliver(placed)

    assert again(placed).withdrawable_until is None
    with pytest.raises(CannotWithdraw):
        mine(customer, placed, act)


def test_the_order_of_another_is_nobody_elses(customer, stranger, hosting, act):
    with pytest.raises(CannotWithdraw):
        mine(stranger, hosting, act)
    stranger.sign_in()
    assert stranger.browser.get(f"/withdraw/order/{hosting.number}").status_code == 404
    answer = stranger.browser.post(
        f"/withdraw/order/{hosting.number}", {**DECLARED, "confirm": "1"}
    )
    assert answer.status_code == 404
    assert again(hosting).state == "delivered"


def test_without_signing_in_it_waits_two_days_and_then_has_its_effect(
    customer, hosting, visitor, post
):
    answer = by_address(visitor, hosting.number.lower(), customer.email.upper())

    assert answer.status_code == 200
    assert again(hosting).state == "delivered"
    assert Service.objects.get().state == "active"
    declared = Withdrawal.objects.get()
    body = text_of(post.last_to(customer.email))
    assert "without signing in" in body
    assert declaring.effect_due(now=declared.effective_at - timedelta(seconds=1)) == 0
    assert declaring.effect_due(now=declared.effective_at) == 1
    assert declaring.effect_due(now=declared.effective_at) == 0
    assert again(hosting).state == "cancelling"


def test_a_stranger_who_knows_number_and_address_ends_nothing(customer, hosting, visitor, post):
    by_address(visitor, hosting.number, customer.email)
    body = text_of(post.last_to(customer.email))
    link = next(word for word in body.split() if "/withdraw/contest/" in word)
    path = link[link.index("/withdraw") :]

    # Opening it, and a form sent without a choice, mean nothing.
    assert visitor.get(path).status_code == 200
    assert visitor.post(path).status_code == 422
    assert Withdrawal.objects.get().contested_at is None
    assert visitor.post(path, {"meaning": "contest"}).status_code == 200
    assert visitor.post(path, {"meaning": "contest"}).status_code == 200

    assert declaring.effect_due(now=timezone.now() + timedelta(days=3)) == 0
    assert again(hosting).state == "delivered"
    # Nor can the stranger declare it again.
    by_address(visitor, hosting.number, customer.email)
    assert declaring.effect_due(now=timezone.now() + timedelta(days=9)) == 0
    assert again(hosting).state == "delivered"


def test_its_owner_withdraws_even_after_contesting(customer, hosting, visitor, post, act):
    by_address(visitor, hosting.number, customer.email)
    body = text_of(post.last_to(customer.email))
    path = "/withdraw/contest/" + body.partition("/withdraw/contest/")[2].split()[0]
    visitor.post(path, {"meaning": "contest"})

    mine(customer, hosting, act)

    assert again(hosting).state == "cancelling"
    assert visitor.post(path, {"meaning": "contest"}).status_code == 410


def test_its_owner_who_declares_it_too_is_acknowledged_and_has_it_at_once(
    customer, hosting, visitor, post, act
):
    by_address(visitor, hosting.number, customer.email)
    # The first declaration was made in time; that its owner says so a day too late changes nothing.
    Order.objects.update(withdrawable_until=act.now)

    mine(customer, hosting, act)

    assert again(hosting).state == "cancelling"
    declared = Withdrawal.objects.get()
    assert (declared.signed_in, declared.words) == (True, "I changed my mind")
    letters = [text_of(letter) for _to, letter in post.deliver()]
    (own,) = (text for text in letters if "you have withdrawn from the contract of" in text)
    assert "These services end now" in own
    entries = Entry.objects.filter(account_id=customer.account.pk, act="order.withdrawn")
    strangers, owners = entries.order_by("pk").values_list("details", flat=True)
    assert (act.origin.ip in strangers, act.origin.ip in owners) == (False, True)


def test_what_nobody_signed_in_for_is_never_said_to_be_ones_own(customer, hosting, visitor):
    by_address(visitor, hosting.number, customer.email)
    declaring.effect_due(now=timezone.now() + timedelta(days=3))

    page = customer.sign_in().get(f"/orders/{hosting.number}").content.decode()

    assert "Somebody has withdrawn from the contract without signing in:" in page
    assert "You have withdrawn from the contract:" not in page
    assert "<strong>A withdrawal from the contract was declared</strong>" in page


def test_while_a_dispute_holds_it_up_no_mail_says_that_services_end_now(
    customer, hosting, act, now, post
):
    Service.objects.update(contacts_frozen_at=now)

    mine(customer, hosting, act)
    mine(customer, hosting, act)

    letters = [text_of(letter) for _to, letter in post.deliver()]
    (mail,) = (text for text in letters if "We acknowledge" in text)
    assert "end now" not in mail
    assert "as soon as customer service has decided" in mail
    page = customer.sign_in().get(f"/orders/{hosting.number}").content.decode()
    assert "You have withdrawn from the contract:" in page
    Service.objects.update(contacts_frozen_at=None)
    assert declaring.effect_due(now=timezone.now() + timedelta(hours=2)) == 1
    assert again(hosting).state == "cancelling"


def test_the_page_says_the_same_whatever_number_and_address_are(
    customer, stranger, hosting, visitor
):
    right = by_address(visitor, hosting.number, customer.email)
    others = [
        by_address(visitor, "C00000000", customer.email),
        by_address(visitor, "nonsense", customer.email),
        by_address(visitor, hosting.number, stranger.email),
        by_address(visitor, hosting.number, "no address"),
    ]

    def shape(answer):
        page = answer.content.decode()
        return page.partition("<dl")[0].partition("<main")[2], answer.status_code

    assert {shape(answer) for answer in others} == {shape(right)}
    assert Withdrawal.objects.count() == 1
    assert Mail.objects.filter(template="orders/mail/withdrawn").count() == 1


def test_nothing_a_stranger_typed_stands_in_the_mail(customer, hosting, visitor, post):
    given = {
        "number": hosting.number,
        "address": customer.email,
        "name": "Call +33 6 00 00 00 00",
        "words": "https://evil.example/",
    }
    visitor.post("/withdraw/confirm", given)

    letter = post.last_to(customer.email).as_string()
    assert "evil.example" not in letter
    assert "+33 6" not in letter


def test_numbers_and_addresses_cannot_be_tried_without_end(customer, hosting, visitor):
    given = {"number": hosting.number, "address": "wrong@example.org", **DECLARED}
    for _try in range(5):
        assert visitor.post("/withdraw/confirm", given).status_code == 200

    assert visitor.post("/withdraw/confirm", given | {"address": customer.email}).status_code == 429
    assert not Withdrawal.objects.exists()


def test_one_network_cannot_try_the_numbers_of_all(visitor, settings):
    limit = replace(LIMITS["withdrawal.network"], count=3)
    settings.NICHANDLE_LIMITS = {"withdrawal.network": limit}
    answers = [
        visitor.post(
            "/withdraw/confirm",
            {"number": f"C{number:08}", "address": "diane@example.org", **DECLARED},
        ).status_code
        for number in range(4)
    ]

    assert answers == [200, 200, 200, 429]


def test_what_was_withdrawn_from_is_not_offered_again_until_it_is_contested(
    customer, hosting, visitor, act
):
    other = order(customer, wanted("domain-fr", "mercier.fr"), wanted("vps"), act=act)
    pay(other, source="bank:2")
    deliver(other)
    mine(customer, other, act)
    assert again(other).state == "delivered"
    by_address(visitor, hosting.number, customer.email)

    def offered():
        found = queries.withdrawable(customer.account.pk, now=timezone.now())
        return [placed.number for placed in found]

    assert offered() == []
    Withdrawal.objects.filter(order=hosting).update(contested_at=act.now)
    assert offered() == [hosting.number]


def test_whoever_changes_a_word_before_confirming_loses_nothing(visitor):
    given = {"number": "C12345678", "address": "diane@example.org", **DECLARED, "words": "Why"}

    page = visitor.post("/withdraw/confirm", {**given, "change": "1"}).content.decode()

    for value in ("C12345678", "diane@example.org", "Diane Mercier", "Why"):
        assert value in page
    assert visitor.post("/withdraw", {}).status_code == 422


def test_signed_in_the_two_steps_lead_through(customer, hosting):
    browser = customer.sign_in()
    page = browser.get("/withdraw").content.decode()
    assert f"/withdraw/order/{hosting.number}" in page
    assert (
        "Withdraw from the contract here"
        in browser.get(f"/orders/{hosting.number}").content.decode()
    )

    read = browser.post(f"/withdraw/order/{hosting.number}", DECLARED).content.decode()
    assert "Confirm the withdrawal" in read
    assert again(hosting).state == "delivered"
    answer = browser.post(f"/withdraw/order/{hosting.number}", {**DECLARED, "confirm": "1"})

    assert answer.headers["Location"] == f"/orders/{hosting.number}"
    assert again(hosting).state == "cancelling"
    assert Entry.objects.filter(account_id=customer.account.pk, act="order.withdrawn").exists()


def test_an_order_whose_money_was_taken_back_ends_without_any_refund(customer, act, visitor):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)
    by_address(visitor, placed.number, customer.email)
    bounce(placed)

    declaring.effect_due(now=timezone.now() + timedelta(days=3))

    assert (again(placed).state, again(placed).paid_back_minor) == ("cancelled", 0)


def test_a_withdrawal_before_delivery_stops_it(customer, act):
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)

    mine(customer, placed, act)

    assert deliver(placed).state == "cancelling"
    assert not Service.objects.exists()


def test_of_what_the_bank_has_taken_back_nothing_goes_back_twice(customer, hosting, act):
    bounce(hosting)

    mine(customer, hosting, act)

    assert (again(hosting).state, again(hosting).paid_back_minor) == ("cancelled", 0)
    assert Service.objects.get().state == "terminated"
