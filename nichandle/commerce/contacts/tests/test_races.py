"""Many at once: one outcome, one set of mails, one ledger entry for everybody."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from nichandle.commerce.contacts.disputes import operations as disputes
from nichandle.commerce.contacts.errors import (
    AlreadyAnswered,
    DisputeLinkNotValid,
    RequestGone,
    TokenNotValid,
)
from nichandle.commerce.contacts.lifecycle import endings
from nichandle.commerce.contacts.models import Item, Request
from nichandle.commerce.contacts.requests import answering, asking, effect
from nichandle.commerce.contacts.tests.helpers import (
    accept,
    acts,
    ask,
    holder,
    refuse,
    state,
    token,
    told,
    work,
)
from nichandle.identity.cases.review import effect as cases
from nichandle.platform.kernel.act import Act
from tests.support.cases import World, make_reviewer
from tests.support.people import make_person
from tests.support.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("_round", range(3))
def test_both_sides_accepting_at_once_hand_over_once(customer, contact, make_service, _round):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    mine, theirs = token(customer.email), token(contact.email)

    outcomes = at_once(
        partial(accept, customer, request, mine), partial(accept, contact, request, theirs)
    )

    assert sorted(one.state for one in outcomes) == ["done", "validatingByCustomers"]
    assert holder(service, "technical") == contact.account.pk
    assert told("done") == sorted([customer.email, contact.email])
    assert acts(customer).count("contact.handed_over") == 1


def test_pressed_twelve_times_at_once_it_is_one_yes(customer, contact, make_service):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    accept(customer, request, token(customer.email))
    secret = token(contact.email)

    outcomes = at_once(*[partial(accept, contact, request, secret) for _ in range(12)])

    done = [one for one in outcomes if isinstance(one, answering.Said)]
    assert len(done) == 1
    assert all(isinstance(one, answering.Said | AlreadyAnswered | RequestGone) for one in outcomes)
    assert acts(contact).count("contact.accepted") == 1
    assert told("done") == sorted([customer.email, contact.email])


@pytest.mark.parametrize("_round", range(4))
def test_accept_against_refuse_is_one_of_them(customer, contact, make_service, _round):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    accept(customer, request, token(customer.email))
    secret = token(contact.email)
    refusing = partial(answering.refuse_by_token, secret=secret, act=Act.by_itself(timezone.now()))

    outcomes = at_once(partial(accept, contact, request, secret), refusing)

    end = state(request)
    assert end in {"done", "refused"}
    moved = holder(service, "technical") == contact.account.pk
    assert moved == (end == "done")
    lost = [one for one in outcomes if isinstance(one, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], RequestGone | TokenNotValid | AlreadyAnswered)
    assert ("contact.handed_over" in acts(customer)) != ("contact.refused" in acts(customer))


@pytest.mark.parametrize("_round", range(4))
def test_withdrawing_against_accepting_is_one_of_them(customer, contact, make_service, _round):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    accept(customer, request, token(customer.email))
    secret = token(contact.email)

    at_once(partial(accept, contact, request, secret), partial(refuse, customer, request))

    moved = holder(service, "technical") == contact.account.pk
    assert state(request) == ("done" if moved else "aborted")


@pytest.mark.parametrize("_round", range(4))
def test_lapse_against_accept_is_one_of_them(customer, contact, make_service, now, _round):
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle, now=now)
    accept(customer, request, token(customer.email), now=now)
    last, over = now + timedelta(days=7, seconds=-1), now + timedelta(days=7)

    at_once(
        partial(accept, contact, request, token(contact.email), now=last),
        partial(endings.lapse_due, now=over),
        partial(endings.lapse_due, now=over),
    )
    work(over)

    moved = holder(service, "technical") == contact.account.pk
    assert state(request) == ("done" if moved else "expired")
    assert len(told("done")) + len(told("ended")) == 2


def test_two_requests_at_once_for_one_role_end_in_one(customer, contact, stranger, make_service):
    service = make_service()
    people = [contact.handle, stranger.handle, "nobody@example.net", "zz999999-OVH"]

    made = at_once(
        *[
            partial(
                asking.ask,
                account_id=customer.account.pk,
                service_ids=[service.pk],
                named={"technical": named},
                act=Act.by_itself(timezone.now()),
            )
            for named in people
        ]
    )

    assert all(isinstance(one, list) for one in made)
    assert Item.objects.filter(service=service, role="technical", state="open").count() == 1
    assert Request.objects.filter(ended_at=None).count() == 1
    assert Request.objects.filter(state="aborted", reason="replaced").count() == 3


def test_two_workers_go_on_with_one_request_once(customer, contact, make_service):
    service, now = make_service(), timezone.now()
    (request,) = ask(customer, service, technical=contact.handle)
    accept(customer, request, token(customer.email))
    Request.objects.filter(pk=request.pk).update(held_at=now)
    accept(contact, request, token(contact.email))
    assert state(request) == "doing"
    Request.objects.filter(pk=request.pk).update(held_at=None, look_again_at=None)

    at_once(*[partial(effect.go_on, now=now) for _ in range(6)])

    assert state(request) == "done"
    assert told("done") == sorted([customer.email, contact.email])


def test_a_dispute_against_the_next_hand_over(customer, contact, stranger, make_service):
    """Whichever comes first: frozen contacts never change hands afterwards."""
    owner = make_person("olga@example.org")
    service = make_service(owner=owner)
    (first,) = ask(owner, service, administrator=contact.handle)
    accept(owner, first, token(owner.email))
    accept(contact, first, token(contact.email))
    link = token(customer.email, "done")
    (second,) = ask(contact, service, technical=stranger.handle)
    accept(contact, second, token(contact.email, "confirm"))
    secret = token(stranger.email, "asked")

    at_once(
        partial(accept, stranger, second, secret),
        partial(disputes.dispute, secret=link, act=Act.by_itself(timezone.now())),
        partial(disputes.dispute, secret=link, act=Act.by_itself(timezone.now())),
    )

    service.refresh_from_db()
    assert service.contacts_frozen_at is not None
    moved = holder(service, "technical") == stranger.account.pk
    assert state(second) == ("done" if moved else "aborted")
    with pytest.raises(DisputeLinkNotValid):
        disputes.dispute(secret=link, act=Act.by_itself(timezone.now()))


@pytest.mark.parametrize("_round", range(4))
def test_access_given_back_against_the_hand_over_a_thief_asked(
    customer, contact, make_service, _round
):
    """Whichever comes first: what was asked in the account's name is done before it, or never."""
    service = make_service()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world = World(customer, clock, [make_reviewer("Claire"), make_reviewer("Karim")])
        world.approved()
        clock.shift(timedelta(hours=71, minutes=59))
        (request,) = ask(customer, service, technical=contact.handle)
        accept(customer, request, token(customer.email, "confirm"))
        secret = token(contact.email, "asked")
        clock.shift(timedelta(minutes=2))

        outcomes = at_once(
            partial(accept, contact, request, secret),
            partial(cases.apply_due, now=timezone.now()),
            partial(cases.apply_due, now=timezone.now()),
        )

    assert world.case.state == "done", outcomes
    request.refresh_from_db()
    moved = holder(service, "technical") == contact.account.pk
    assert (request.state, request.reason) in {("done", ""), ("aborted", "access_given")}
    assert moved == (request.state == "done")
    assert told("done") == (sorted([customer.email, contact.email]) if moved else [])


def test_crossing_requests_of_many_people_end_without_waiting_for_each_other(make_service):
    """Everybody hands something to everybody, over services locked in different orders."""
    people = [make_person(f"p{number}@example.org") for number in range(4)]
    services = [
        [make_service(administrator=one, technical=other) for other in people] for one in people
    ]

    def hand_round(number: int) -> int:
        done = 0
        for turn in range(3):
            one, other = people[number], people[(number + turn + 1) % 4]
            made = asking.ask(
                account_id=one.account.pk,
                service_ids=[service.pk for service in services[number]],
                named={"technical": other.handle, "billing": one.handle},
                act=Act.by_itself(timezone.now()),
            )
            done += len(made)
        return done

    outcomes = at_once(*[partial(hand_round, number) for number in range(4)])

    assert all(isinstance(one, int) and one > 0 for one in outcomes), outcomes
    open_items = Item.objects.filter(state="open").values_list("service_id", "role")
    assert len(set(open_items)) == len(open_items)
