"""Who may contest a hand-over, what waits meanwhile, and to whom a decision never gives."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from nichandle.commerce.contacts.disputes import operations
from nichandle.commerce.contacts.errors import (
    ContactsFrozen,
    DisputeLinkNotValid,
    RoleWouldBeClosed,
)
from nichandle.commerce.contacts.models import Dispute
from nichandle.commerce.contacts.tests.helpers import ask, both, freeze, holder, token, words
from nichandle.commerce.services import operations as services
from nichandle.identity.cases.models import Case
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from nichandle.sites.desk.tests.people import enter

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def disputed(customer, contact, owner, service):
    """The owner has named contact in the customer's place, who contests it."""
    (request,) = ask(owner, service, administrator=contact.handle)
    both(owner, contact, request)
    secret = token(customer.email, "done")
    return operations.dispute(secret=secret, act=Act.by_itself(timezone.now()))


def settle(found, *, give_back):
    operations.settle(
        dispute_id=found.pk, give_back=give_back, by="Anna", words="Checked.", now=timezone.now()
    )


# Who may.


@pytest.mark.parametrize("role", ["owner", "administrator"])
def test_who_sells_and_confirms_can_freeze_nothing(customer, contact, make_service, role):
    service = make_service("sold.example")
    (request,) = ask(customer, service, **{role: contact.handle})
    both(customer, contact, request)

    assert holder(service, role) == contact.account.pk
    assert not Mail.objects.filter(template="contacts/mail/done", secrets__isnull=False).exists()
    browser = customer.sign_in()
    assert browser.get(f"/contacts/requests/{request.pk}/dispute").status_code == 404
    assert browser.post(f"/contacts/requests/{request.pk}/dispute").status_code == 404
    assert "Dispute hand-over" not in words(browser.get("/contacts/requests"))
    service.refresh_from_db()
    assert service.contacts_frozen_at is None


def test_a_seller_s_link_of_a_release_before_opens_nothing(customer, contact, make_service, now):
    service = make_service("sold.example")
    (request,) = ask(customer, service, administrator=contact.handle)
    both(customer, contact, request)
    old = tokens.mint()
    Dispute.objects.create(request=request, digest=old.digest, expires_at=now + 7 * DAY)

    with pytest.raises(DisputeLinkNotValid):
        operations.dispute(secret=old.secret, act=Act.by_itself(now))
    with pytest.raises(DisputeLinkNotValid):
        operations.dispute_signed_in(
            account_id=customer.account.pk, request_id=request.pk, act=Act.by_itself(now)
        )


def test_the_owner_takes_over_and_the_displaced_alone_may_contest(
    customer, contact, owner, stranger, service
):
    (request,) = ask(owner, service, administrator=owner.handle)
    operations_token = token(owner.email, "confirm")
    from_owner = owner.sign_in()
    from_owner.post(
        f"/contacts/requests/{request.pk}/accept", {"token": operations_token, "terms": "on"}
    )
    assert holder(service, "administrator") == owner.account.pk

    place = f"/contacts/requests/{request.pk}/dispute"
    for other in (owner, contact, stranger):
        assert other.sign_in().get(place).status_code == 404
    assert customer.sign_in().post(place).status_code == 200
    service.refresh_from_db()
    assert service.contacts_frozen_at is not None


# What waits.


def test_what_is_in_dispute_is_neither_terminated_nor_handed_on(
    contact, stranger, service, make_service, disputed
):
    other = make_service("other.example", administrator=contact)
    with pytest.raises(services.ServiceInDispute):
        services.change_state(service_id=service.pk, state="terminated", now=timezone.now())
    with pytest.raises(ContactsFrozen):
        ask(contact, service, administrator=stranger.handle)
    service.refresh_from_db()
    assert service.state != "terminated"
    with pytest.raises(services.ServiceInDispute):
        services.require_undisputed(service)

    services.change_state(service_id=other.pk, state="terminated", now=timezone.now())
    settle(disputed, give_back=True)
    services.change_state(service_id=service.pk, state="terminated", now=timezone.now())


def test_the_page_of_a_disputed_service_says_what_waits(contact, service, disputed):
    page = words(contact.sign_in().get(f"/services/{service.pk}"))

    assert page.count("The contacts are in dispute.") >= 3


# To whom a decision never gives.


def test_roles_are_never_given_back_to_a_closed_account(customer, contact, service, disputed):
    freeze(customer, "closed")
    with pytest.raises(RoleWouldBeClosed):
        settle(disputed, give_back=True)

    disputed.refresh_from_db()
    service.refresh_from_db()
    assert (disputed.settled_at, Case.objects.get().state) == (None, "open")
    assert service.contacts_frozen_at is not None
    settle(disputed, give_back=False)
    assert holder(service, "administrator") == contact.account.pk


def test_a_hand_over_to_an_account_closed_meanwhile_does_not_stand(
    customer, contact, service, disputed
):
    freeze(contact, "closed")
    with pytest.raises(RoleWouldBeClosed):
        settle(disputed, give_back=False)

    settle(disputed, give_back=True)
    assert holder(service, "administrator") == customer.account.pk


@pytest.mark.parametrize("give_back", [True, False])
def test_where_both_are_closed_the_owner_administers(
    customer, contact, owner, service, disputed, give_back
):
    freeze(customer, "closed")
    freeze(contact, "closed")
    settle(disputed, give_back=give_back)

    assert holder(service, "administrator") == owner.account.pk


def test_where_nobody_is_left_nothing_is_decided(customer, contact, owner, service, disputed):
    for person in (customer, contact, owner):
        freeze(person, "closed")
    with pytest.raises(RoleWouldBeClosed):
        settle(disputed, give_back=True)


def test_the_reviewer_reads_why_a_decision_is_refused(customer, disputed):
    freeze(customer, "closed")
    here, case = enter("Anna"), Case.objects.get()
    here.post(f"/desk/case/{case.number}/take")
    said = {"give_back": "yes", "words": "The contract says so."}
    answer = here.post(f"/desk/case/{case.number}/settle", said)

    assert answer.status_code == 422
    assert "is closed" in words(answer)


# What nobody decides.


def test_a_dispute_undecided_for_thirty_days_stands_first(customer, disputed, world_of_cases):
    here = enter("Anna")
    shown = here.get("/desk/cases").content.decode()
    late, other = disputed.case_number, world_of_cases
    assert shown.index(other) < shown.index(late)
    assert "Overdue" not in shown
    Case.objects.filter(number=late).update(opened_at=timezone.now() - 30 * DAY)
    Case.objects.filter(number=other).update(opened_at=timezone.now() - 40 * DAY)

    shown = here.get("/desk/cases").content.decode()
    assert shown.index(late) < shown.index(other)
    assert shown.count("Overdue") == 1
    assert "Open for 30 days" in here.get(f"/desk/case/{late}").content.decode()


@pytest.fixture
def world_of_cases(customer, stranger):
    """Another case, older than the dispute, about which nobody else waits."""
    now = timezone.now() - 10 * DAY
    return Case.objects.create(
        number="OTHER",
        kind="not_me",
        account=stranger.account,
        created_at=now,
        opened_at=now,
        identified_at=now,
    ).number


@pytest.mark.parametrize(("days", "marked"), [(29, False), (30, True)])
def test_the_operator_sees_which_disputes_are_late(disputed, days, marked):
    Dispute.objects.update(opened_at=timezone.now() - days * DAY)
    out = StringIO()
    call_command("dispute", "list", stdout=out)

    assert ("OPEN FOR 30 DAYS OR MORE" in out.getvalue()) == marked
