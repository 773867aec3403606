"""Several requests at once: which replaces which, who is served, how many one may make."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.commerce.contacts.errors import (
    HigherRequestOpen,
    NothingToChange,
    ServiceEnded,
    TooManyServices,
)
from nichandle.commerce.contacts.models import Item, Request
from nichandle.commerce.contacts.requests import answering, asking
from nichandle.commerce.contacts.tests.helpers import (
    accept,
    acts,
    ask,
    both,
    holder,
    resend,
    state,
    token,
    told,
    work,
)
from nichandle.commerce.services.operations import change_state
from nichandle.identity.handles.operations import adopt
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.errors import Exhausted
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_one_request_for_each_pair_of_accounts(customer, contact, stranger, make_service):
    ours, theirs = make_service(), make_service(billing=stranger)

    made = ask(customer, [ours, theirs], technical=contact.handle, billing=contact.handle)

    pairs = {(one.from_account_id, one.items.count()) for one in made}
    assert pairs == {(customer.account.pk, 3), (stranger.account.pk, 1)}
    for request in made:
        both_tokens(customer, contact, request)
    for service in (ours, theirs):
        assert holder(service, "technical") == holder(service, "billing") == contact.account.pk


def both_tokens(asker, newcomer, request):
    resend(asker, request)
    both(asker, newcomer, request)


def test_a_newer_request_for_a_role_takes_the_place_of_the_older(
    customer, contact, stranger, make_service
):
    service = make_service()
    (older,) = ask(customer, service, technical=contact.handle, billing=contact.handle)
    (newer,) = ask(customer, service, technical=stranger.handle)

    assert state(older) == "validatingByCustomers"
    assert set(older.items.filter(state="open").values_list("role", flat=True)) == {"billing"}
    (newest,) = ask(customer, service, billing=stranger.handle)
    older.refresh_from_db()
    assert (older.state, older.reason) == ("aborted", "replaced")
    assert state(newer) == state(newest) == "validatingByCustomers"
    assert Item.objects.filter(service=service, state="open").count() == 2


def test_a_lower_role_does_not_push_a_higher_ones_request_away(
    customer, contact, stranger, make_service
):
    service = make_service(technical=contact)
    (request,) = ask(customer, service, technical=stranger.handle)

    with pytest.raises(HigherRequestOpen):
        ask(contact, service, technical=contact.email.replace("paul", "other"))
    assert state(request) == "validatingByCustomers"


def test_a_higher_role_replaces_a_lower_ones_request(customer, contact, stranger, make_service):
    service = make_service(technical=contact)
    (lower,) = ask(contact, service, technical=stranger.handle)
    (higher,) = ask(customer, service, technical=customer.handle)

    assert state(lower) == "aborted"
    assert state(higher) == "done"
    assert holder(service, "technical") == customer.account.pk


def test_who_lost_the_right_meanwhile_hands_nothing_over(customer, contact, stranger, make_service):
    present = make_person("present@example.org")
    service = make_service(technical=present)
    (request,) = ask(customer, service, technical=stranger.handle)
    accept(stranger, request)
    secret = token(customer.email, "confirm")
    (takes,) = ask(customer, service, administrator=contact.handle)
    both(customer, contact, takes)

    accept(customer, request, secret)

    request.refresh_from_db()
    assert (request.state, request.reason) == ("error", "outdated")
    assert holder(service, "technical") == present.account.pk


@pytest.mark.parametrize("first", ["administrator", "billing"])
def test_two_newcomers_of_one_form_are_served_in_either_order(
    customer, contact, stranger, make_service, first
):
    """Who is billing contact may name their replacement, administrator still or no more."""
    service = make_service()
    made = ask(customer, service, administrator=contact.handle, billing=stranger.handle)
    by_newcomer = {request.to_account_id: request for request in made}
    order = [contact, stranger] if first == "administrator" else [stranger, contact]
    for newcomer in order:
        both_tokens(customer, newcomer, by_newcomer[newcomer.account.pk])

    assert {state(request) for request in made} == {"done"}
    assert holder(service, "administrator") == contact.account.pk
    assert holder(service, "billing") == stranger.account.pk


def test_a_former_administrator_stands_in_nobodys_way(customer, contact, stranger, make_service):
    service = make_service(technical=contact)
    (old,) = ask(customer, service, technical="somebody@example.net")
    (takes,) = ask(customer, service, administrator=stranger.handle)
    both(customer, stranger, takes)

    (newer,) = ask(contact, service, technical=stranger.handle)

    assert state(old) == "aborted"
    assert state(newer) == "validatingByCustomers"


def test_two_spellings_of_one_name_are_one_request(customer, make_service):
    made = ask(customer, make_service(), technical="zz999999-OVH", billing="ZZ 999 999 ovh")
    assert len(made) == 1


@pytest.mark.parametrize("spelling", ["look-alike", "alias", "without suffix"])
def test_an_administrator_takes_a_role_back_alone_by_any_name(
    customer, contact, make_service, now, spelling
):
    customer.account.refresh_from_db()
    adopt(text="DM77-RIPE", now=now, alias_of=customer.account.handle)
    typed = {
        "look-alike": customer.handle.replace("0", "O").replace("1", "l"),
        "alias": "dm77-ripe",
        "without suffix": customer.handle[:8],
    }[spelling]
    service = make_service(technical=contact)
    (request,) = ask(customer, service, technical=typed)

    assert state(request) == "done"
    assert holder(service, "technical") == customer.account.pk


def test_what_changes_nothing_is_said(customer, contact, make_service):
    service = make_service(technical=contact)
    with pytest.raises(NothingToChange):
        ask(customer, service, technical=contact.handle)
    with pytest.raises(NothingToChange):
        ask(customer, service)


def test_a_service_that_ended_keeps_its_contacts(customer, contact, make_service):
    with pytest.raises(ServiceEnded):
        ask(customer, make_service(state="terminated"), technical=contact.handle)
    service = make_service()
    (request,) = ask(customer, service, technical=contact.handle)
    change_state(service_id=service.pk, state="terminated", now=timezone.now())
    both(customer, contact, request)
    assert state(request) == "error"


def test_too_many_services_are_refused(customer, contact):
    with pytest.raises(TooManyServices):
        asking.ask(
            account_id=customer.account.pk,
            service_ids=range(1, 502),
            named={"technical": contact.handle},
            act=Act.by_itself(timezone.now()),
        )


def test_twenty_invitations_a_day(customer, make_service, now):
    service = make_service()
    for number in range(20):
        ask(customer, service, technical=f"n{number}@example.net", now=now)
    with pytest.raises(Exhausted):
        ask(customer, service, technical="one.more@example.net", now=now)
    ask(customer, service, technical="one.more@example.net", now=now + timedelta(days=1))


def test_one_newcomer_is_one_invitation_however_many_had_the_role(customer, make_service, now):
    holders = [make_person(f"tech{number}@example.org") for number in range(21)]
    services = [make_service(technical=holder) for holder in holders]

    made = ask(customer, services, technical="agency@example.net", now=now)

    assert len(made) == 21
    for number in range(19):
        ask(customer, services[0], technical=f"n{number}@example.net", now=now)
    with pytest.raises(Exhausted):
        ask(customer, services[0], technical="one.more@example.net", now=now)


def test_who_was_never_told_of_a_request_hears_nothing_of_its_end(
    customer, contact, make_service, now
):
    services = [make_service() for _ in range(12)]
    made = [ask(customer, one, technical=contact.handle, now=now)[0] for one in services]
    for request in made:
        answering.refuse(
            account_id=customer.account.pk, request_id=request.pk, act=Act.by_itself(now)
        )
    work(now)

    assert told("ended").count(customer.email) == 12
    assert told("ended").count(contact.email) == 10
    assert acts(contact).count("contact.aborted") == 10


@pytest.mark.parametrize("act", ["ask", "send again", "ask again", "withdraw"])
def test_no_page_of_the_asker_takes_longer_for_a_newcomer_who_exists(
    customer, contact, make_service, act
):
    """Statements are counted: the database is what a page waits for."""
    browser, cost = customer.sign_in(), []
    for named in (contact.handle, "zz999999-OVH", contact.email, "nobody@example.net"):
        form = {"services": make_service().pk, "technical": named}
        path, data = "/contacts/change", form
        if act != "ask":
            browser.post(path, form)
            work()
            request = Request.objects.latest("pk")
            accept(customer, request, token(customer.email, "confirm"))
            data = form | {"technical": "other@example.net"}
        if act in {"send again", "withdraw"}:
            verb = "resend" if act == "send again" else "refuse"
            path, data = f"/contacts/requests/{request.pk}/{verb}", {}
        with CaptureQueriesContext(connection) as seen:
            assert browser.post(path, data).status_code == 302
        cost.append(len(seen))

    known, unknown, known_address, unknown_address = cost
    assert (known, known_address) == (unknown, unknown_address)


def test_one_person_is_not_flooded_and_the_asker_sees_no_difference(
    customer, contact, make_service, now
):
    services = [make_service() for _ in range(12)]
    made = [ask(customer, one, technical=contact.handle, now=now)[0] for one in services]

    assert told("asked") == [contact.email] * 10
    assert {state(request) for request in made} == {"validatingByCustomers"}
