"""The table of the rules: who may change a contact, who confirms, who is told; by both doors."""

import contextlib

import pytest
from django.utils import timezone

from nichandle.commerce.contacts.errors import ContactsNotChangeable, NothingToChange
from nichandle.commerce.contacts.models import Dispute, Request
from nichandle.commerce.contacts.requests import answering
from nichandle.commerce.contacts.tests.helpers import acts, ask, holder, state, token, told, work
from nichandle.commerce.services.permissions import PERMISSIONS
from nichandle.commerce.services.words import ROLES
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db

BOTH, ASKER, NOBODY = ("asker", "newcomer"), ("asker",), ()
# By which role one asks, for which role, for whom: who has to say yes.
CONFIRM = {
    ("owner", "owner", "another"): BOTH,
    ("owner", "administrator", "another"): BOTH,
    ("owner", "administrator", "oneself"): ASKER,
    ("administrator", "administrator", "another"): BOTH,
    ("administrator", "technical", "another"): BOTH,
    ("administrator", "billing", "another"): BOTH,
    ("administrator", "technical", "oneself"): NOBODY,
    ("administrator", "billing", "oneself"): NOBODY,
    ("technical", "technical", "another"): BOTH,
    ("billing", "billing", "another"): BOTH,
}
EVERY = [(by, role, whom) for by in ROLES for role in ROLES for whom in ("another", "oneself")]


def place(make_service, customer, contact, by):
    """Make a service on which the customer has one role and the contact the others."""
    return make_service(**{role: customer if role == by else contact for role in ROLES})


def through_the_operation(person, service, role, named):
    with contextlib.suppress(ContactsNotChangeable, NothingToChange):
        ask(person, service, **{role: named})


def through_the_page(person, service, role, named):
    answer = person.sign_in().post("/contacts/change", {"services": str(service.pk), role: named})
    assert answer.status_code in {302, 422}
    work()


@pytest.mark.parametrize("door", [through_the_operation, through_the_page])
@pytest.mark.parametrize(("by", "role", "whom"), EVERY)
def test_who_may_who_confirms_and_who_is_told(
    customer, contact, stranger, make_service, by, role, whom, door
):
    service = place(make_service, customer, contact, by)
    newcomer = stranger if whom == "another" else customer
    before = holder(service, role)
    expected = CONFIRM.get((by, role, whom))

    door(customer, service, role, newcomer.handle)

    if expected is None:
        assert not Request.objects.exists()
        assert holder(service, role) == before
        return
    request = Request.objects.get()
    assert {side.who for side in request.sides.all()} == set(expected)
    for who in expected:
        assert holder(service, role) == before, "not before all have said yes"
        assert state(request) == "validatingByCustomers"
        say_yes(request, {"asker": customer, "newcomer": newcomer}[who], who)
    assert state(request) == "done"
    assert holder(service, role) == newcomer.account.pk
    everybody = {customer.email, contact.email, newcomer.email}
    assert told("done") == sorted(everybody)
    for person in (customer, contact, newcomer):
        assert acts(person).count("contact.handed_over") == 1
    # Whoever is displaced without having asked; who asked has nothing to dispute.
    disputable = (by, role) == ("owner", "administrator")
    assert Dispute.objects.exists() == disputable
    old = customer if before == customer.account.pk else contact
    for mail in Mail.objects.filter(template="contacts/mail/done"):
        link = bool(mail.secret_names)
        assert link == (disputable and mail.recipient == old.email)


def say_yes(request, person, who):
    answering.accept(
        account_id=person.account.pk,
        request_id=request.pk,
        token=token(person.email, "confirm" if who == "asker" else "asked"),
        terms=True,
        act=Act.by_itself(timezone.now()),
    )


def test_the_table_gives_no_right_that_the_permissions_do_not():

    for role in ROLES:
        allowed = {by for by, of, whom in CONFIRM if of == role and whom == "another"}
        assert allowed == set(PERMISSIONS[f"contact.{role}"].roles)
