"""Withdrawal from what belongs to somebody else by now: it counts, and ends nobody's service."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from nichandle.commerce.orders.jobs import withdraw as round_of_withdrawals
from nichandle.commerce.orders.models import Withdrawal
from nichandle.commerce.orders.tests.goods import euros, order, wanted
from nichandle.commerce.orders.tests.living import again, bounce, deliver, pay, send_back
from nichandle.commerce.orders.withdrawal import declaring
from nichandle.commerce.orders.withdrawal.declaring import Declaration
from nichandle.commerce.payments.models import Refund
from nichandle.commerce.services.models import Service
from nichandle.commerce.services.operations import freeze_contacts, hand_over
from nichandle.platform.jobs.operations import earliest
from nichandle.platform.jobs.registry import DUE, never
from nichandle.platform.kernel.act import Act
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(now, origin):
    return Act(origin, now)


@pytest.fixture
def sold(customer, contact, act):
    """An order whose service its customer has handed over to somebody else."""
    placed = order(customer, wanted("start", "mercier.example"), act=act)
    pay(placed)
    deliver(placed)
    give(customer, contact)
    return again(placed)


def give(giver, taker):
    hand_over(
        [(service.pk, "owner") for service in Service.objects.all()],
        old=(giver.account.pk, giver.handle),
        new=(taker.account.pk, taker.handle),
        by=giver.handle,
        now=timezone.now(),
    )


def declare(person, placed, act):
    return declaring.withdraw(
        account_id=person.account.pk,
        number=placed.number,
        declaration=Declaration("Diane Mercier"),
        act=act,
    )


def declared_by_address(person, act):
    """An order delivered, and a withdrawal from it declared without signing in."""
    placed = order(person, wanted("start", "mercier.example"), act=act)
    pay(placed)
    deliver(placed)
    declaring.withdraw_by_address(
        number=placed.number,
        address=person.email,
        declaration=Declaration("Diane"),
        act=act,
    )
    return placed


def standing():
    return [(service.state, service.name) for service in Service.objects.all()]


def command(verb, placed, capsys):
    call_command("order", verb, placed.number)
    return capsys.readouterr().out


def test_who_sold_a_service_on_does_not_end_it_nor_has_the_money_back(
    customer, sold, act, post, caplog, capsys
):
    declare(customer, sold, act)

    assert again(sold).state == "delivered"
    assert standing() == [("active", "mercier.example")]
    assert not Refund.objects.exists()
    assert f"The withdrawal from order {sold.number} waits for you" in caplog.text
    said = "Nothing ends by itself: customer service looks into it"
    letters = [text_of(letter) for to, letter in post.deliver() if customer.email in to]
    assert any("We acknowledge that" in text and said in text for text in letters)
    page = customer.sign_in().get(f"/orders/{sold.number}").content.decode()
    assert said in page
    assert "belongs to somebody else by now; customer service looks into it" in page
    assert "waits for you" in command("show", sold, capsys)


def test_the_operator_carries_it_out_once_it_is_decided(customer, sold, act, capsys):
    declare(customer, sold, act)
    command("withdraw", sold, capsys)

    assert standing() == [("terminated", "mercier.example")]
    assert send_back(sold).paid_back == euros("42.00")
    assert again(sold).state == "cancelled"
    with pytest.raises(CommandError, match="No withdrawal"):
        command("withdraw", sold, capsys)


def test_what_is_not_held_is_not_carried_out_by_the_command(customer, sold, act, capsys):
    with pytest.raises(CommandError, match="No withdrawal"):
        command("withdraw", sold, capsys)
    assert standing() == [("active", "mercier.example")]


def test_what_is_declared_but_waits_to_be_contested_is_not_carried_out_by_the_command(
    customer, act, capsys
):
    placed = declared_by_address(customer, act)

    with pytest.raises(CommandError, match="No withdrawal"):
        command("withdraw", placed, capsys)
    assert standing() == [("active", "mercier.example")]


def test_what_is_held_is_left_alone_by_every_later_round(customer, contact, act):
    placed = declared_by_address(customer, act)
    give(customer, contact)
    later = act.now + declaring.CONTEST_FOR + timedelta(minutes=1)
    # Two workers have seen it due: the second comes after the first has held it.
    assert declaring._effect(placed.number, later) == 1
    give(contact, customer)

    assert declaring._effect(placed.number, later) == 0
    assert standing() == [("active", "mercier.example")]


def test_handed_over_between_declaration_and_effect_it_is_held_and_asked_for_no_more(
    customer, contact, act, post
):
    declared_by_address(customer, act)
    give(customer, contact)
    post.deliver()
    later = act.now + declaring.CONTEST_FOR + timedelta(minutes=1)

    assert round_of_withdrawals(lambda: later, never) == 1
    assert standing() == [("active", "mercier.example")]
    assert Withdrawal.objects.get().held_at == later
    assert round_of_withdrawals(lambda: later, never) == 0
    assert earliest(DUE["orders.withdraw"], now=later) == [None]
    (letter,) = [text_of(letter) for to, letter in post.deliver() if customer.email in to]
    assert "Nothing ends by itself" in letter
    assert "say so before then" not in letter


def test_handed_back_it_is_withdrawn_from_as_ever(customer, contact, sold, act):
    give(contact, customer)
    declare(customer, sold, act)

    assert standing() == [("terminated", "mercier.example")]
    assert again(sold).state == "cancelling"


def test_a_service_that_has_ended_holds_up_no_withdrawal(customer, sold, act):
    service = Service.objects.get()
    service.roles.update(state="terminated")
    Service.objects.update(state="terminated")
    declare(customer, sold, act)

    assert again(sold).state == "cancelling"


def test_what_the_law_excepts_may_be_somebody_elses(customer, contact, act):
    both = wanted("start", "mercier.example"), wanted("domain-fr", "mercier.fr")
    placed = order(customer, *both, act=act)
    pay(placed)
    deliver(placed)
    domain = Service.objects.get(name="mercier.fr")
    hand_over(
        [(domain.pk, "owner")],
        old=(customer.account.pk, customer.handle),
        new=(contact.account.pk, contact.handle),
        by=customer.handle,
        now=timezone.now(),
    )
    declare(customer, placed, act)

    assert sorted(standing()) == [("active", "mercier.fr"), ("terminated", "mercier.example")]
    assert Withdrawal.objects.get().held_at is None


def test_while_a_dispute_is_open_the_operator_waits_as_well(customer, sold, act, capsys):
    declare(customer, sold, act)
    freeze_contacts(list(Service.objects.all()), now=timezone.now())

    with pytest.raises(CommandError):
        command("withdraw", sold, capsys)
    assert Withdrawal.objects.get().done_at is None


def test_a_chargeback_meanwhile_leaves_nothing_to_send_back(customer, sold, act, capsys):
    declare(customer, sold, act)
    bounce(sold)
    command("withdraw", sold, capsys)

    assert again(sold).state == "cancelled"
    assert not Refund.objects.exists()
