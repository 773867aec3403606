"""Hand-overs as people do them: pages, mails, an invitation, five hundred services at once."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from nichandle.commerce.contacts.models import Item, Request
from nichandle.commerce.contacts.requests import answering
from nichandle.commerce.contacts.tests.helpers import ask, holder, state, token, told, work
from nichandle.commerce.services.models import Role
from nichandle.commerce.services.operations import change_state, create, freeze_contacts
from nichandle.identity.pauses import operations as pauses
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PERSON
from tests.support.post import CODE, text_of

pytestmark = pytest.mark.django_db
ANSWER = re.compile(r"/contacts/answer/(\S+)")
DISPUTE = re.compile(r"/contacts/dispute/\S+")
ACCEPT = re.compile(r'href="(/contacts/requests/\d+/accept[^"]*)"')


def link(post, address: str) -> str:
    found = ANSWER.search(text_of(post.last_to(address)))
    assert found, "the mail holds no link"
    return found[0]


def change(browser, services, **named):
    keys = ",".join(str(service.pk) for service in services)
    return browser.post("/contacts/change", {"services": keys, **named})


def test_from_the_list_to_the_hand_over_by_mail(customer, contact, make_service, post):
    service = make_service("shop.example")
    mine = customer.sign_in()
    listed = mine.get("/contacts").content.decode()
    assert f'name="service" value="{service.pk}"' in listed

    form = mine.get(f"/contacts/change?service={service.pk}").content.decode()
    assert "shop.example" in form
    assert change(mine, [service], technical=contact.handle.upper()).status_code == 302
    work()
    page = mine.get(link(post, customer.email)).content.decode()
    confirm = ACCEPT.search(page)
    assert confirm
    code = confirm[1].partition("token=")[2]
    assert code in mine.get(confirm[1]).content.decode(), "filled in"
    assert mine.post(confirm[1].partition("?")[0], {"token": code}).status_code == 302

    theirs = contact.sign_in()
    accept = ACCEPT.search(theirs.get(link(post, contact.email)).content.decode())
    assert accept
    assert theirs.post(accept[1], {}).status_code == 302

    assert holder(service, "technical") == contact.account.pk
    assert "Contacts of services were handed over" in post.last_to(customer.email)["Subject"]
    assert post.last_to(contact.email)["Subject"].startswith(f"[{contact.handle}] ")
    history = mine.get(f"/services/{service.pk}").content.decode()
    assert f"Technical contact: {contact.handle}, before {customer.handle}" in history


def test_a_link_of_a_mail_sends_to_the_sign_in_and_back(
    customer, contact, make_service, post, visitor
):
    ask(customer, make_service(), technical=contact.handle)
    accept = ACCEPT.search(visitor.get(link(post, contact.email)).content.decode())
    assert accept

    answer = visitor.get(accept[1])

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/signin?next=%2Fcontacts%2Frequests%2F")


def test_signed_in_as_another_it_says_so_without_effect(
    customer, contact, stranger, make_service, post
):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    browser = stranger.sign_in()
    accept = ACCEPT.search(browser.get(link(post, contact.email)).content.decode())
    assert accept

    answer = browser.post(accept[1], {})

    assert answer.status_code == 403
    assert "another account" in answer.content.decode()
    assert contact.handle not in answer.content.decode()
    assert state(request) == "validatingByCustomers"


def test_an_old_session_signs_in_again_and_loses_nothing(customer, contact, make_service):
    service, browser = make_service(), customer.sign_in()
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        answer = change(browser, [service], technical=contact.handle)
        assert "Sign in again" in answer.content.decode()
        assert not Request.objects.exists()
        held = re.search(r'name="held" value="([^"]+)"', answer.content.decode())
        assert held
        again = {"sign-in-again": "password", "held": held[1], "password": customer.password}
        assert browser.post("/contacts/change", again).status_code == 302
    assert Request.objects.get().named == contact.handle


def test_during_a_pause_the_page_says_until_when(customer, contact, make_service, origin):
    service, browser = make_service(), customer.sign_in()
    pauses.begin(
        account_id=customer.account.pk, cause="change_undone", act=Act(origin, timezone.now())
    )
    answer = change(browser, [service], technical=contact.handle)

    assert answer.status_code == 403
    assert "This has to wait until" in answer.content.decode()
    assert contact.handle in answer.content.decode(), "nothing typed is lost"


@pytest.mark.parametrize("typed", ["no body@example.org", "@", "!?"])
def test_what_cannot_be_read_is_said_beside_its_field(customer, make_service, typed):
    answer = change(customer.sign_in(), [make_service()], technical=typed)

    assert answer.status_code == 422
    assert "technical" in answer.context["form"].errors


def test_only_the_roles_one_may_give_are_offered(customer, contact, make_service):
    mine, theirs = make_service(technical=contact), make_service(billing=contact)
    browser = contact.sign_in()

    one = browser.get(f"/contacts/change?service={mine.pk}")
    assert list(one.context["form"].fields) == ["services", "technical"]
    none = browser.get(f"/contacts/change?service={mine.pk}&service={theirs.pk}")
    assert none.status_code == 302


def test_my_requests_show_what_is_sent_and_received(customer, contact, make_service):
    ask(customer, make_service("shop.example"), technical=contact.handle)

    sent = customer.sign_in().get("/contacts/requests?box=sent").content.decode()
    received = contact.sign_in().get("/contacts/requests").content.decode()

    assert "shop.example" in sent
    assert "shop.example" in received
    assert "(1)" in received
    assert "No request" in customer.browser.get("/contacts/requests?box=received").content.decode()


def test_the_outgoing_administrator_disputes_from_the_mail(
    customer, contact, stranger, make_service, post, visitor
):
    service = make_service("shop.example", administrator=contact)
    (request,) = ask(customer, service, administrator=stranger.handle)
    mine, theirs = customer.sign_in(), stranger.sign_in()
    token = link(post, customer.email).rpartition("/")[2]
    mine.post(f"/contacts/requests/{request.pk}/accept", {"token": token})
    answer = theirs.post(f"/contacts/requests/{request.pk}/accept", {})
    assert answer.status_code == 422, "the terms"
    theirs.post(f"/contacts/requests/{request.pk}/accept", {"terms": "on"})
    assert state(request) == "done"

    found = DISPUTE.search(text_of(post.last_to(contact.email)))
    assert found
    assert "shop.example" in visitor.get(found[0]).content.decode()
    assert "disputed" in visitor.post(found[0], {"meaning": "dispute"}).content.decode()
    assert "is disputed" in post.last_to(stranger.email)["Subject"]
    for person in (customer, stranger):
        assert not DISPUTE.search(
            str([text_of(m) for to, m in post.messages if to == person.email])
        )


# Somebody who has no account yet ------------------------------------------------------------------


NEWCOMER = "nina@example.org"


def create_account(browser, post) -> None:
    browser.post(
        "/signup",
        {"country": "FR", "language": "en", "email": NEWCOMER, "password": "copper barge in june"},
    )
    found = CODE.search(text_of(post.last_to(NEWCOMER)))
    assert found
    browser.post("/signup/code", {"code": found[0]})
    answer = browser.post("/signup/details", {"kind": "individual", **PERSON})
    assert answer.status_code == 302, answer.content.decode()


def test_an_invitation_a_creation_and_the_hand_over_goes_on(customer, make_service, post, visitor):
    service = make_service("shop.example")
    (request,) = ask(customer, service, billing=NEWCOMER)
    token = link(post, customer.email).rpartition("/")[2]
    customer.sign_in().post(f"/contacts/requests/{request.pk}/accept", {"token": token})
    mail = post.last_to(NEWCOMER)
    assert "invited" in mail["Subject"]
    assert customer.handle in text_of(mail)
    assert customer.email not in text_of(mail)
    invitation = link(post, NEWCOMER)
    assert "Create an account first" in visitor.get(invitation).content.decode()

    create_account(visitor, post)

    home = visitor.get("/area").content.decode()
    assert "/contacts/requests?box=received" in home
    assert "shop.example" in visitor.get("/contacts/requests").content.decode()
    accept = ACCEPT.search(visitor.get(invitation).content.decode())
    assert accept
    assert visitor.post(accept[1], {}).status_code == 302
    assert state(request) == "done"
    request.refresh_from_db()
    assert holder(service, "billing") == request.to_account_id


def test_another_address_does_not_accept_an_invitation(customer, contact, make_service, post):
    (request,) = ask(customer, make_service(), billing=NEWCOMER)
    accept = ACCEPT.search(contact.sign_in().get(link(post, NEWCOMER)).content.decode())
    assert accept
    assert contact.browser.post(accept[1], {}).status_code == 403
    assert "No request" in contact.browser.get("/contacts/requests?box=received").content.decode()
    assert state(request) == "validatingByCustomers"


def test_an_invitation_lapses_cleanly(customer, make_service, post, visitor):
    service = make_service()
    (request,) = ask(customer, service, billing=NEWCOMER)
    invitation = link(post, NEWCOMER)
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        work()
        assert visitor.get(invitation).status_code == 410
        assert state(request) == "expired"
        assert told("ended") == [customer.email], "whoever has no account hears no more of it"
        ask(customer, service, billing=NEWCOMER)


# Many services ------------------------------------------------------------------------------------


def many(customer, number: int, now, **contacts):
    return [
        create(
            product="domain",
            name=f"mass{each}.example",
            account_id=customer.account.pk,
            contacts=contacts,
            period_months=12,
            state="active",
            now=now,
        )
        for each in range(number)
    ]


@pytest.mark.long
def test_hundreds_of_services_from_one_fresh_session_in_as_many_statements_as_ten(
    customer, contact, stranger, now, post, long
):
    services = many(customer, count := 500 if long else 150, now, owner=stranger.account.pk)
    mine, theirs = customer.sign_in(), contact.sign_in()
    page = mine.get("/contacts/change?matching=on&role=administrator")
    assert page.context["count"] == count
    counts = []
    for some in (services[:10], services):
        with CaptureQueriesContext(connection) as asked:
            named = {"technical": contact.handle, "billing": contact.handle}
            assert change(mine, some, **named).status_code == 302
        work()
        request = Request.objects.order_by("-pk")[0]
        token = link(post, customer.email).rpartition("/")[2]
        mine.post(f"/contacts/requests/{request.pk}/accept", {"token": token})
        with CaptureQueriesContext(connection) as accepted:
            answer = theirs.post(f"/contacts/requests/{request.pk}/accept", {})
        assert answer.status_code == 302
        assert state(request) == "done"
        counts.append((len(asked), len(accepted)))
        mine.post("/contacts/change", {"services": str(some[0].pk), "technical": customer.handle})
        mine.post("/contacts/change", {"services": str(some[0].pk), "billing": customer.handle})

    assert counts[1][0] <= counts[0][0] + 25, counts
    assert counts[1][1] <= counts[0][1] + 25, counts
    moved = Role.objects.filter(account_id=contact.account.pk, role="technical").count()
    assert moved == count - 1, "all but the one taken back"
    mails = Mail.objects.filter(template="contacts/mail/done", recipient=stranger.email)
    assert mails.count() <= 8, "one word to the owner for each act, not for each service"


def test_each_owner_of_many_hears_of_its_own_services_only(
    customer, contact, stranger, make_service, post
):
    ours, theirs = make_service("ours.example"), make_service("theirs.example", owner=stranger)
    (request,) = ask(customer, [ours, theirs], technical=contact.handle)
    token = link(post, customer.email).rpartition("/")[2]
    customer.sign_in().post(f"/contacts/requests/{request.pk}/accept", {"token": token})
    contact.sign_in().post(f"/contacts/requests/{request.pk}/accept", {})

    said = text_of(post.last_to(stranger.email))
    assert "theirs.example" in said
    assert "ours.example" not in said


def test_what_cannot_be_changed_is_left_out_and_counted(customer, contact, make_service):
    kept, ended = make_service("kept.example"), make_service("ended.example", state="terminated")
    frozen = make_service("frozen.example")
    freeze_contacts([frozen], now=timezone.now())
    browser = customer.sign_in()

    page = browser.get("/contacts/change?matching=on").content.decode()
    assert "1 service<" in page
    assert "2 services are left out" in page
    sent = {"services": f"{kept.pk},{ended.pk},{frozen.pk}", "technical": contact.handle}
    assert browser.post("/contacts/change", sent).status_code == 302
    assert set(Item.objects.values_list("service__name", flat=True)) == {"kept.example"}


def test_the_terms_can_be_read_and_their_version_is_kept(customer, contact, make_service, settings):
    settings.NICHANDLE_TERMS_URL = "https://provider.example/terms"
    settings.NICHANDLE_TERMS_VERSION = "2026-11"
    (request,) = ask(customer, make_service(), administrator=contact.handle)
    browser = contact.sign_in()

    page = browser.get(f"/contacts/requests/{request.pk}/accept").content.decode()
    assert 'href="https://provider.example/terms"' in page
    browser.post(f"/contacts/requests/{request.pk}/accept", {"terms": "on"})
    request.refresh_from_db()
    assert request.terms_version == "2026-11"


def test_nobody_accepts_what_was_not_proposed_to_them(customer, contact, make_service):
    service = make_service("secret.example")
    (request,) = ask(customer, service, technical=contact.email, confirmed=False)

    page = contact.sign_in().get(f"/contacts/requests/{request.pk}/accept")
    assert page.status_code == 403
    assert "secret.example" not in page.content.decode()


def test_accepting_what_is_over_shows_how_it_ended(customer, contact, make_service):
    (request,) = ask(customer, make_service(), technical=contact.handle)
    browser = customer.sign_in()
    browser.post(f"/contacts/requests/{request.pk}/refuse")

    answer = browser.get(f"/contacts/requests/{request.pk}/accept", follow=True)
    assert "Cancelled" in answer.content.decode()


def test_the_asker_is_told_what_could_not_be_handed_over(customer, contact, make_service):
    kept, ended = make_service("kept.example"), make_service("ended.example")
    (request,) = ask(customer, [kept, ended], technical=contact.handle)
    change_state(service_id=ended.pk, state="terminated", now=timezone.now())
    for person, secret in ((customer, token(customer.email, "confirm")), (contact, "")):
        answering.accept(
            account_id=person.account.pk,
            request_id=request.pk,
            token=secret,
            terms=True,
            act=Act.by_itself(timezone.now()),
        )

    mails = Mail.objects.filter(template="contacts/mail/done")
    assert mails.get(recipient=customer.email).context["left"] == ["ended.example"]
    assert mails.get(recipient=contact.email).context["left"] == []


@pytest.mark.parametrize(("person", "state"), [("customer", "aborted"), ("contact", "refused")])
def test_one_refuses_from_the_page_of_the_request(request, person, state, make_service):
    people = {name: request.getfixturevalue(name) for name in ("customer", "contact")}
    (made,) = ask(people["customer"], make_service(), technical=people["contact"].handle)
    browser = people[person].sign_in()

    answer = browser.post(f"/contacts/requests/{made.pk}/refuse", follow=True)

    assert "The request is over" in answer.content.decode()
    made.refresh_from_db()
    assert made.state == state


def test_the_ledger_says_who_gave_what_to_whom(customer, contact, make_service):
    service = make_service("shop.example")
    (request,) = ask(customer, service, technical=contact.handle)
    for person, secret in ((customer, token(customer.email, "confirm")), (contact, "")):
        answering.accept(
            account_id=person.account.pk,
            request_id=request.pk,
            token=secret,
            terms=True,
            act=Act.by_itself(timezone.now()),
        )

    page = customer.sign_in().get("/account/ledger").content.decode()
    assert f"{customer.handle} → {contact.handle}, Technical contact, shop.example" in page
    assert f"newcomer: {contact.handle}" in page
    assert f"request {request.pk}" in page
