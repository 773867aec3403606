"""The pages of paying: choosing, several at once, after a decline, and nobody else's."""

import pytest
from django.utils import timezone

from nichandle.commerce.payments import operations, paying
from nichandle.commerce.payments.models import PaymentTry
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    moved,
    now_act,
    owe,
    receive,
    work,
)

pytestmark = pytest.mark.django_db


def pay(person, owed, means="test", **fields):
    return person.browser.post(f"/pay/{owed.number}", {"means": means, **fields})


def press(person, address, choice):
    return person.browser.post(address, {"choice": choice}, follow=True)


def test_one_pays_and_the_page_says_so(customer):
    owed = owe(customer)
    customer.sign_in()
    page = customer.browser.get(f"/pay/{owed.number}").content.decode()
    assert owed.title in page
    assert "€120.00" in page
    answer = pay(customer, owed)
    assert answer.status_code == 302

    done = press(customer, answer.headers["Location"], "pay").content.decode()
    assert "Thank you" in done
    assert again(owed).state == "settled"
    work()
    assert moved(owed) == [("payment", 12000)]
    page = customer.browser.get(f"/pay/{owed.number}").content.decode()
    assert "Payment received" in page
    assert 'name="means"' not in page


def test_a_declined_one_can_be_paid_again(customer):
    owed = owe(customer)
    customer.sign_in()
    declined = press(customer, pay(customer, owed).headers["Location"], "decline")
    assert "declined" in declined.content.decode()
    assert again(owed).state == "open"
    assert (
        "Your last try was declined" in customer.browser.get(f"/pay/{owed.number}").content.decode()
    )

    press(customer, pay(customer, owed).headers["Location"], "pay")
    assert again(owed).state == "settled"


def test_confirmed_later_the_page_waits(customer):
    owed = owe(customer)
    customer.sign_in()
    page = press(customer, pay(customer, owed).headers["Location"], "later").content.decode()

    assert "being confirmed" in page
    assert 'data-again="5"' in page
    assert 'http-equiv="refresh"' not in page
    again_page = customer.browser.get(f"/pay/{owed.number}").content.decode()
    assert "paying again now would pay it twice" in again_page


def test_a_double_click_is_one_payment(customer):
    owed = owe(customer)
    customer.sign_in()
    first, second = (pay(customer, owed).headers["Location"] for _time in range(2))

    assert first == second
    assert PaymentTry.objects.count() == 1
    press(customer, first, "pay")
    press(customer, first, "pay")
    assert moved(owed) == [("payment", 12000)]


def test_two_tabs_that_both_pay_leave_a_credit(customer):
    owed = owe(customer)
    customer.sign_in()
    first = pay(customer, owed).headers["Location"]
    PaymentTry.objects.update(begun_at=timezone.now() - paying.GOOD_FOR * 2)
    second = pay(customer, owed).headers["Location"]
    assert first != second
    press(customer, first, "pay")
    press(customer, second, "pay")

    assert moved(owed) == [("payment", 12000), ("excess", 12000)]
    assert "Your credit" in customer.browser.get(f"/pay/{owed.number}").content.decode()


def test_several_are_paid_at_once(customer):
    first, second, third = owe(customer, 1000), owe(customer, 2000), owe(customer, 3000)
    customer.sign_in()
    page = customer.browser.get(f"/pay/{first.number}?also={second.number}").content.decode()
    assert page.count("checked") >= 2
    answer = pay(customer, first, also=[second.number])
    shown = customer.browser.get(answer.headers["Location"]).content.decode()
    assert "€30.00" in shown
    press(customer, answer.headers["Location"], "pay")

    assert [again(each).state for each in (first, second, third)] == ["settled", "settled", "open"]


def test_a_price_in_the_form_changes_nothing(customer):
    owed = owe(customer)
    customer.sign_in()
    answer = pay(customer, owed, amount="1", amount_minor="1", price="0.01")

    assert PaymentTry.objects.get().amount == euros(12000)
    assert answer.status_code == 302


@pytest.mark.parametrize("path", ["", "/transfer"])
def test_another_s_is_not_found(customer, stranger, path):
    owed = owe(customer)
    stranger.sign_in()
    assert stranger.browser.get(f"/pay/{owed.number}{path}").status_code == 404
    assert pay(stranger, owed).status_code == 404


def test_another_s_cannot_be_slipped_into_one_s_own(customer, stranger):
    theirs, own = owe(customer), owe(stranger)
    owe(stranger)
    stranger.sign_in()
    answer = pay(stranger, own, also=[theirs.number])
    assert answer.status_code == 422
    assert PaymentTry.objects.count() == 0
    with pytest.raises(paying.ReceivableNotFound):
        paying.begin(
            stranger.account.pk, [own.number, theirs.number], provider="test", act=now_act()
        )


def test_another_s_payment_is_not_found(customer, stranger):
    owed = owe(customer)
    customer.sign_in()
    pay(customer, owed)
    number = PaymentTry.objects.get().number
    stranger.sign_in()
    for page in ("done", "go"):
        assert stranger.browser.get(f"/pay/{page}/{number}").status_code == 404
    assert stranger.browser.get(f"/pay/{number}/transfer").status_code == 404


@pytest.mark.parametrize("means", ["", "stripe", "nothing", "card"])
def test_a_means_that_is_not_offered_is_refused(customer, means):
    owed = owe(customer)
    customer.sign_in()
    assert pay(customer, owed, means).status_code == 422


def test_what_is_paid_or_cancelled_is_not_paid_again(customer):
    paid, cancelled = owe(customer), owe(customer)
    receive(paid, 12000)
    operations.cancel(cancelled.cause, now=timezone.now())
    customer.sign_in()
    for owed in (paid, cancelled):
        assert pay(customer, owed).status_code == 200
        with pytest.raises(paying.NothingToPay):
            paying.begin(customer.account.pk, [owed.number], provider="test", act=now_act())
    assert not PaymentTry.objects.exists()


def test_the_test_page_is_demo_mode_s_only(customer, visitor, settings):
    owed = owe(customer)
    customer.sign_in()
    address = pay(customer, owed).headers["Location"]
    assert visitor.get(address).status_code == 200
    assert visitor.get("/pay/test/" + "x" * 32).status_code == 404
    settings.DEMO = False
    assert visitor.get(address).status_code == 404
    assert visitor.post(address, {"choice": "pay"}).status_code == 404


@pytest.mark.parametrize("choice", ["", "nothing", "dispute"])
def test_a_choice_that_is_none_pays_nothing(customer, choice):
    owed = owe(customer)
    customer.sign_in()
    press(customer, pay(customer, owed).headers["Location"], choice)

    assert again(owed).state == "open"
