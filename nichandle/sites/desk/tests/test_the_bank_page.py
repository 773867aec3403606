"""Billing's page: lines that wait, refunds to transfer, credits; and nobody else's."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from nichandle.commerce.payments import operations, queries
from nichandle.commerce.payments.models import BankLine, Refund
from nichandle.commerce.payments.statements import importing
from nichandle.commerce.payments.tests.banks import Entry, camt
from nichandle.commerce.payments.tests.helpers import (
    again,
    euros,
    moved,
    now_act,
    owe,
    receive,
)
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.sites.desk.tests.people import colleague, enter

pytestmark = pytest.mark.django_db


@pytest.fixture
def billing():
    return colleague("Bruno", "billing").browser


@pytest.fixture
def owed(customer):
    return owe(customer)


@pytest.fixture
def line(owed):
    entry = Entry(5000, owed.reference, text=("first half",))
    importing.take(importing.read(camt(entry)), act=now_act())
    return BankLine.objects.get()


def text(browser, place="/desk/bank"):
    return browser.get(place).content.decode()


def test_a_line_that_waits_is_booked_for_what_is_suggested(billing, owed, line, customer):
    assert "first half" in text(billing)
    page = text(billing, f"/desk/bank/line/{line.pk}")
    assert owed.title in page
    assert owed.handle[:2] in page
    billing.post(f"/desk/bank/line/{line.pk}/assign", {"number": owed.number})

    assert again(owed).state == "partly"
    entry = ledger.entries_of(customer.account.pk).rows[0]
    assert entry.act == "payment.received"
    assert ledger.details_of(entry)["actor"] == "Bruno"
    assert "None: all that came was booked." in text(billing)
    assert "Bruno" in text(billing)


def test_a_number_of_nothing_is_said_and_stays_typed(billing, line):
    answer = billing.post(f"/desk/bank/line/{line.pk}/assign", {"number": "RF99 nothing"})

    assert answer.status_code == 422
    assert "RF99 nothing" in answer.content.decode()
    assert queries.waiting_lines()


def test_twice_decided_is_decided_once(billing, owed, line):
    for _time in range(2):
        answer = billing.post(f"/desk/bank/line/{line.pk}/assign", {"number": owed.number})

    assert answer.status_code == 409
    assert moved(owed) == [("payment", 5000)]


@pytest.mark.parametrize("what", ["aside", "back"])
def test_a_line_that_is_nobody_s_needs_a_reason(billing, line, what):
    place = f"/desk/bank/line/{line.pk}/{what}"
    assert billing.post(place, {"words": ""}).status_code == 422
    billing.post(place, {"words": "interest"})

    assert not queries.waiting_lines()
    assert "interest" in text(billing)


def test_a_refund_that_was_transferred_is_noted_once(billing, owed):
    receive(owed, 12000)
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    refund = Refund.objects.get()
    assert "the customer has withdrawn" in text(billing)
    for _time in range(2):
        answer = billing.post(f"/desk/bank/refund/{refund.pk}/sent", follow=True)

    assert "Done." in answer.content.decode()
    assert again(owed).state == "refunded"
    assert moved(owed) == [("payment", 12000), ("refund", 12000)]


def test_a_credit_is_sent_back_once(billing, owed):
    receive(owed, 12500)
    assert "€5.00" in text(billing)
    for _time in range(2):
        billing.post(f"/desk/bank/credit/{owed.pk}/back")

    assert [refund.amount_minor for refund in Refund.objects.all()] == [500]
    assert again(owed).credit_minor == 0
    page = billing.get("/desk/bank", headers={"accept-language": "fr"})
    assert "reçu au-delà du montant dû" in page.content.decode()


def test_a_refund_says_where_to_the_money_goes(billing, owed):
    payer = "Société d’exploitation des établissements Mercier et Fils"
    entry = Entry(12000, owed.reference, name=payer, iban="FR1420041010050500013M02606")
    importing.take(importing.read(camt(entry)), act=now_act())
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())

    page = text(billing)
    assert payer in page
    assert "FR14 2004 1010 0505 0001 3M02 606" in page
    assert owed.reference in page


def test_a_refund_of_what_no_bank_told_asks_for_an_iban(billing, owed):
    receive(owed, 12000, source="test:1", means="test")
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    Refund.objects.update(state="by_hand", trouble="re_1 lost_or_stolen_card")

    assert "ask the customer for an IBAN" in text(billing)
    assert "lost_or_stolen_card" in text(billing)


def test_decided_lately_is_what_people_decided_the_last_first(billing, owed):
    entries = [Entry(700, text=(f"line {number}",), bank=number) for number in "123"]
    booked = Entry(12000, owed.reference, name="Booked by itself", bank="4")
    importing.take(
        importing.read(camt(*entries, booked)), act=Act.by_staff("operator", timezone.now())
    )
    for number in "213":
        line = BankLine.objects.get(text=f"line {number}")
        billing.post(f"/desk/bank/line/{line.pk}/aside", {"words": f"reason {number}"})

    page = text(billing)
    assert "Booked by itself" not in page
    places = [page.index(f"reason {number}") for number in "312"]
    assert places == sorted(places)


BANK = ["bank", "bank/line/{}", "bank/line/{}/assign", "bank/line/{}/aside", "bank/line/{}/back"]
BANK += ["bank/refund/{}/sent", "bank/credit/{}/back"]


@pytest.mark.parametrize("place", BANK)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_door_of_the_bank_opens_to_a_reviewer_of_cases_or_a_customer(
    customer, owed, line, place, method
):
    receive(owed, 12500)
    operations.refund(owed.cause, euros(12000), reason="withdrawn", act=now_act())
    pieces = {"line": line.pk, "refund": Refund.objects.get().pk, "credit": owed.pk}
    which = next((key for name, key in pieces.items() if f"/{name}/" in place), 0)
    reviewer = colleague("Ines", "reviewer").browser
    for browser in (reviewer, customer.sign_in()):
        given = {"words": "x", "number": owed.number}
        answer = getattr(browser, method)(f"/desk/{place.format(which)}", given)
        assert answer.status_code in {302, 405}
    line.refresh_from_db()
    assert (line.state, Refund.objects.get().state) == ("waiting", "by_hand")
    assert again(owed).credit_minor == 500


def test_a_line_that_is_not_there_is_not_found(billing):
    assert billing.get("/desk/bank/line/999").status_code == 404
    assert billing.post("/desk/bank/line/999/assign", {"number": "1"}).status_code == 404


@pytest.mark.parametrize("place", ["refund/999/sent", "credit/999/back"])
def test_what_is_not_there_is_not_done(billing, place):
    page = billing.post(f"/desk/bank/{place}", follow=True).content.decode()

    assert "Done." not in page
    assert "There is nothing to pay under this number." in page


def test_reviewers_see_no_bank_and_billing_sees_no_cases(billing, owed, line):
    reviewer = enter("Claire")
    assert reviewer.get("/desk/bank").headers["Location"] == "/desk"
    answer = reviewer.post(f"/desk/bank/line/{line.pk}/assign", {"number": owed.number})
    assert answer.headers["Location"] == "/desk"
    assert again(owed).state == "open"

    assert billing.get("/desk/cases").headers["Location"] == "/desk"
    assert billing.get("/desk/case/D-7K3M-92QF").headers["Location"] == "/desk"
    assert billing.get("/desk/keys").status_code == 200


def test_a_customer_sees_none_of_it(customer, line):
    customer.sign_in()
    assert customer.browser.get("/desk/bank").headers["Location"] == "/desk/signin"
    answer = customer.browser.post(f"/desk/bank/line/{line.pk}/assign", {"number": "1"})
    assert answer.headers["Location"] == "/desk/signin"


def test_a_new_link_gives_nobody_another_role(billing):
    address = "bruno@provider.example"
    call_command("reviewer", "create", "Bruno", email=address, stdout=StringIO())
    assert billing.get("/desk/cases").headers["Location"] == "/desk"
    assert billing.get("/desk/bank").status_code == 200

    call_command("reviewer", "create", "Bruno", email=address, role="reviewer", stdout=StringIO())
    assert billing.get("/desk/bank").headers["Location"] == "/desk"
