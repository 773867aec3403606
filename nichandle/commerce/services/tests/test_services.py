"""One's services: the list, the page, what each role allows, and who hears of changes."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.commerce.services import glance, operations, permissions, queries
from nichandle.commerce.services.models import Event, Role, Service
from nichandle.commerce.services.permissions import PERMISSIONS, RECIPIENTS
from nichandle.commerce.services.queries import Filter
from nichandle.commerce.services.words import ROLES
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.reading.questions import answered
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def names(page) -> list[str]:
    body = page.content.decode()
    rows = body.partition("<tbody>")[2].partition("</tbody>")[0]
    return [part.partition("</a>")[0].rpartition(">")[2] for part in rows.split("<td><a")[1:]]


def acts(person) -> list[str]:
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


def test_a_new_service_gives_every_role_to_one_account(customer, make_service):
    service = make_service("mercier.example")

    assert dict(service.roles.values_list("role", "account_id")) == dict.fromkeys(
        ROLES, customer.account.pk
    )
    assert acts(customer)[0] == "service.created"


def test_the_list_shows_what_one_has_a_role_on_and_nothing_else(
    customer, contact, stranger, make_service
):
    make_service("b.example")
    make_service("a.example", technical=contact)

    assert names(customer.sign_in().get("/services")) == ["a.example", "b.example"]
    assert names(contact.sign_in().get("/services")) == ["a.example"]
    assert names(stranger.sign_in().get("/services")) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("text=LÈVAIN", ["levain.example"]),
        ("text=vain", ["levain.example"]),
        ("product=hosting", ["www.example"]),
        ("state=suspended", ["stopped.example"]),
        ("role=technical", ["levain.example", "stopped.example", "www.example"]),
        ("role=owner", ["levain.example", "mine.example", "stopped.example", "www.example"]),
        ("expiry=30", ["levain.example"]),
        ("expiry=90", ["levain.example", "www.example"]),
        ("expiry=past", ["stopped.example"]),
        ("text=example&product=hosting", ["www.example"]),
        ("text=nothing", []),
        ("product=tea&role=king&expiry=never", None),
        ("text=%25", []),
        ("after=x:y", None),
        ("after=99999999999999999999:y", None),
        (
            "order=expiry&after=1:never",
            ["stopped.example", "levain.example", "www.example", "mine.example"],
        ),
    ],
)
def test_search_and_filters(customer, contact, make_service, query, expected):
    today = timezone.localdate()
    make_service("levain.example", expiry_date=today + timedelta(days=30))
    make_service("www.example", "hosting", expiry_date=today + timedelta(days=31))
    make_service("stopped.example", state="suspended", expiry_date=today - timedelta(days=1))
    make_service("mine.example", technical=contact)

    page = customer.sign_in().get(f"/services?{query}")

    everything = ["levain.example", "mine.example", "stopped.example", "www.example"]
    assert names(page) == (everything if expected is None else expected)


def test_the_list_goes_on_page_by_page_in_both_orders(customer, make_service):
    for number in range(7):
        make_service(f"s{number}.example", expiry_date=TODAY + timedelta(days=number % 3))
    wanted = queries.Filter()

    for order in queries.ORDERS:
        after, seen = "", []
        while True:
            found = queries.mine(
                customer.account.pk, wanted, today=TODAY, order=order, after=after, size=2
            )
            seen += [row.service.name for row in found.rows]
            assert all(row.roles == tuple(ROLES) for row in found.rows)
            if found.next is None:
                break
            after = found.next
        expected = sorted(range(7), key=lambda n: (n % 3 if order == "expiry" else 0, n))
        assert seen == [f"s{number}.example" for number in expected]


def test_a_page_of_the_list_costs_the_same_however_long_the_list_is(
    customer, make_service, django_assert_max_num_queries
):
    browser, counts = customer.sign_in(), []
    browser.get("/services")
    for number in (3, 60):
        for each in range(number):
            make_service(f"n{number}-{each}.example")
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert browser.get("/services").status_code == 200
        counts.append(len(caught))

    assert counts[0] == counts[1] <= 4


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("action", PERMISSIONS)
def test_the_page_explains_what_each_role_lets_one_do(contact, make_service, role, action):
    service = make_service(**{role: contact})

    page = contact.sign_in().get(f"/services/{service.pk}")

    shown = next(one for one in page.context["permissions"] if one.action == action)
    allowed = role in PERMISSIONS[action].roles
    assert shown.allowed == allowed
    assert shown.by == ((role,) if allowed else ())
    row = page.content.decode().partition(f"<td>{shown.sentence}</td>")[2].partition("</tr>")[0]
    assert ("You can" if allowed else "Not you") in row
    assert f"As: {role}" in row if allowed else "Reserved to" in row
    if allowed:
        permissions.require({role}, action)
    else:
        with pytest.raises(permissions.NotYours):
            permissions.require({role}, action)


def test_an_action_nobody_listed_is_a_bug():
    with pytest.raises(KeyError):
        permissions.require({"owner"}, "tea.make")


def test_anothers_service_is_not_there(stranger, make_service):
    service = make_service()
    browser = stranger.sign_in()

    assert browser.get(f"/services/{service.pk}").status_code == 404
    answer = browser.post(f"/services/{service.pk}/renewal", {"renewal": "manual"})
    assert answer.status_code == 404


def test_the_page_tells_period_renewal_contacts_and_history(customer, contact, make_service):
    service = make_service("mercier.example", technical=contact)
    operations.set_expiry(service_id=service.pk, expiry_date=TODAY, now=timezone.now())

    page = customer.sign_in().get(f"/services/{service.pk}").content.decode()

    for words in ("12 months", "Automatic", "Runs until", "Created", "Paul Martin", "2026"):
        assert words in page
    assert contact.email not in page, "nobody reads another's address"


def test_only_who_decides_it_changes_the_renewal(customer, contact, make_service):
    service = make_service(technical=contact)

    refused = contact.sign_in().post(f"/services/{service.pk}/renewal", {"renewal": "manual"})
    assert refused.status_code == 302
    assert Service.objects.get(pk=service.pk).renewal == "automatic"

    customer.sign_in().post(f"/services/{service.pk}/renewal", {"renewal": "manual"})

    assert Service.objects.get(pk=service.pk).renewal == "manual"
    assert acts(customer)[0] == acts(contact)[0] == "service.renewal_changed"
    mine = ledger.details_of(ledger.entries_of(customer.account.pk).rows[0])
    theirs = ledger.details_of(ledger.entries_of(contact.account.pk).rows[0])
    assert "ip" in mine
    assert "ip" not in theirs, "nobody reads from where another acted"
    assert theirs["actor"] == customer.handle
    read = contact.browser.get("/account/ledger?kind=service").content.decode()
    assert f"by {customer.handle}, Manual, {service.name}" in read


@pytest.mark.parametrize("old", operations.FOLLOWS)
@pytest.mark.parametrize("new", operations.FOLLOWS)
def test_states_follow_each_other_as_the_table_says(make_service, now, old, new):
    service = make_service(state=old)

    if new == old or new in operations.FOLLOWS[old]:
        operations.change_state(service_id=service.pk, state=new, now=now)
        expected = new
    else:
        with pytest.raises(operations.StateNotPossible):
            operations.change_state(service_id=service.pk, state=new, now=now)
        expected = old
    assert Service.objects.get(pk=service.pk).state == expected
    assert set(service.roles.values_list("state", flat=True)) == {expected}


def test_a_change_of_state_is_told_to_everybody_concerned_once(
    customer, contact, stranger, make_service, now
):
    service = make_service("shop.example", technical=contact, billing=stranger)
    Mail.objects.all().delete()

    operations.change_state(service_id=service.pk, state="suspended", now=now)

    for person in (customer, contact, stranger):
        assert acts(person)[0] == "service.state_changed"
        assert acts(person).count("service.state_changed") == 1
    told = Mail.objects.filter(template="services/mail/state").values_list("recipient", flat=True)
    assert sorted(told) == sorted([customer.email, contact.email, stranger.email])
    assert Event.objects.filter(service=service, act="state").count() == 1
    operations.change_state(service_id=service.pk, state="active", now=now)
    last = Mail.objects.filter(template="services/mail/state").order_by("pk").last()
    assert last is not None
    assert last.recipient == contact.email, "that it works again is a technical notice"


@pytest.mark.parametrize("kind", RECIPIENTS)
def test_mail_goes_to_the_right_role(customer, contact, stranger, make_service, kind):
    service = make_service(technical=contact, billing=stranger)

    to = [account.email for account in queries.recipients([service.pk], kind)]

    assert (
        to
        == {
            "renewal": [stranger.email],
            "invoice": [stranger.email],
            "technical": [contact.email],
            "legal": [customer.email],
        }[kind]
    )


def test_a_name_is_used_once_until_the_service_is_terminated(make_service, now):
    first = make_service("Mercier.example")
    with pytest.raises(operations.NameTaken):
        make_service("mercier.EXAMPLE")
    operations.change_state(service_id=first.pk, state="terminated", now=now)

    make_service("mercier.example")


def test_the_copies_in_the_roles_follow_the_service(make_service, now):
    service = make_service("mercier.example")
    operations.set_expiry(service_id=service.pk, expiry_date=TODAY, now=now)
    operations.change_state(service_id=service.pk, state="suspended", now=now)

    service.refresh_from_db()
    for row in Role.objects.filter(service=service):
        assert (row.name_folded, row.product, row.state, row.expiry_date) == (
            service.name_folded,
            service.product,
            service.state,
            service.expiry_date,
        )


def test_what_renews_next_is_told_soonest_first(customer, make_service):
    for days in (40, 3, -1, 12, 60):
        make_service(f"in{days}.example", expiry_date=TODAY + timedelta(days=days))
    make_service("ended.example", expiry_date=TODAY, state="terminated")

    found = answered(glance.renewals_asked(customer.account.pk, today=TODAY))

    assert [one.name for one in found] == ["in3.example", "in12.example", "in40.example"]
    assert answered(glance.number_asked(customer.account.pk)) == 6


def test_services_are_counted_up_to_a_thousand(customer, stranger, make_service, monkeypatch):
    monkeypatch.setattr(glance, "MOST_COUNTED", 3)
    for number in range(1, 6):
        shared = {"technical": stranger} if number > 3 else {}
        make_service(f"n{number}.example", **shared)
        assert answered(glance.number_asked(customer.account.pk)) == min(number, 4)
    assert answered(glance.number_asked(stranger.account.pk)) == 2
    shown = customer.sign_in().get("/area").content.decode()
    assert "Services (more than 3)" in shown


@pytest.mark.parametrize("after", ["", "0:", "x:y", ":", "9" * 30 + ":a", "7"])
def test_a_page_that_is_none_begins_at_the_beginning(customer, make_service, after):
    for number in range(3):
        make_service(f"n{number}.example")
    found = queries.mine(customer.account.pk, queries.Filter(), today=TODAY, after=after, size=2)
    assert [row.service.name for row in found.rows] == ["n0.example", "n1.example"]
    assert found.next is not None
    rest = queries.mine(customer.account.pk, queries.Filter(), today=TODAY, after=found.next)
    assert [row.service.name for row in rest.rows] == ["n2.example"]
    assert rest.next is None


def test_services_without_expiry_come_last_page_by_page(customer, make_service, now):
    today = timezone.localdate()
    for number in range(3):
        make_service(f"dated{number}.example", expiry_date=today + timedelta(days=number))
        make_service(f"undated{number}.example")

    seen, after = [], ""
    for _ in range(6):
        found = queries.mine(
            customer.account.pk, Filter(), today=today, order="expiry", after=after, size=1
        )
        seen += [row.service.name for row in found.rows]
        after = found.next or ""

    assert seen == [
        *(f"dated{number}.example" for number in range(3)),
        *(f"undated{number}.example" for number in range(3)),
    ]
    assert found.next is None


@pytest.mark.parametrize("path", ["/services/{}", "/services/{}/renewal"])
@pytest.mark.parametrize("number", [2**63, 10**30])
def test_a_number_no_service_can_have_is_not_there(customer, path, number):
    browser = customer.sign_in()
    post = path.endswith("renewal")
    answer = browser.post if post else browser.get
    assert (
        answer(path.format(number), *([{"renewal": "manual"}] if post else [])).status_code == 404
    )


def test_what_has_ended_can_no_longer_be_done_and_the_page_says_why(customer, make_service):
    service = make_service(state="terminated")
    browser = customer.sign_in()
    page = browser.get(f"/services/{service.pk}").content.decode()

    assert "The service is terminated." in page
    assert "from now on" not in page, "no button for the renewal"
    browser.post(f"/services/{service.pk}/renewal", {"renewal": "manual"})
    service.refresh_from_db()
    assert service.renewal == "automatic"
    assert "it renews no more" in browser.get(f"/services/{service.pk}").content.decode()


def test_frozen_contacts_are_explained_action_by_action():
    everything = permissions.explained(("administrator",), frozen=True)
    stopped = {one.action for one in everything if one.hindrance}
    waiting = {"service.terminate", "service.transfer"}
    assert stopped - waiting == {
        one for one in permissions.PERMISSIONS if one.startswith("contact.")
    }
    assert waiting <= stopped
    assert not any(one.allowed for one in everything if one.action in stopped)


def test_the_history_goes_on_page_by_page(customer, make_service, monkeypatch, now):
    monkeypatch.setattr(queries, "EVENTS_SHOWN", 2)
    service = make_service()
    for renewal in ("manual", "automatic", "manual"):
        operations.set_renewal(
            service_id=service.pk,
            account_id=customer.account.pk,
            renewal=renewal,
            act=Act.by_itself(now),
        )
    browser = customer.sign_in()
    first = browser.get(f"/services/{service.pk}").content.decode()
    assert "Created" not in first
    older = re.search(r'href="(\?after=\d+)#history"', first)
    assert older
    assert "Created" in browser.get(f"/services/{service.pk}{older[1]}").content.decode()


def test_what_is_suspended_stands_first_on_the_home_of_all_who_have_a_role(
    customer, stranger, make_service
):
    make_service("fine.example", technical=stranger)
    make_service("stopped.example", technical=stranger, state="suspended")
    for person in (customer, stranger):
        home = person.sign_in().get("/area").content.decode()
        to_do = home[home.index('id="todo"') : home.index('id="services"')]
        assert to_do.index("Suspended service") < to_do.index("stopped.example")
        assert to_do.index("stopped.example") < to_do.index("recovery address")
        assert "fine.example" not in to_do
        assert "All is in order." not in home


def test_of_many_that_are_suspended_the_first_are_shown_once_each(customer, make_service):
    for number in range(9):
        make_service(f"s{number}.example", state="suspended")
    found = answered(glance.suspended_asked(customer.account.pk))
    assert [service.name for service in found] == [f"s{number}.example" for number in range(5)]
