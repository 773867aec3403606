"""Known and unknown alike, and what the database keeps of a case."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from nichandle.identity.cases.models import Case, Objection
from nichandle.identity.recovery.tests.procedures import START, begun, picture, shown, upload
from nichandle.platform.outbox.models import Mail
from tests.support.cases import ORIGIN
from tests.support.post import text_of, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def steps_of(visitor: Client, typed: str, address: str) -> list[tuple[int, str, int, int, int]]:
    """Walk through the pages; return status, page, queries, mails and rows of each step."""
    seen = []

    def step(act) -> str:
        before = Mail.objects.count(), Case.objects.count()
        with CaptureQueriesContext(
            connection,
        ) as found:
            answer = act()
        after = Mail.objects.count() - before[0], Case.objects.count() - before[1]
        seen.append((answer.status_code, shown(answer), len(found), *after))
        return answer.headers.get("Location", "")

    link = step(lambda: visitor.post("/procedure", {**START, "typed": typed, "address": address}))
    step(lambda: visitor.get(link))
    step(lambda: visitor.post(link, {"code": "BBBB-BBBB"}))
    code = waiting_code("cases/mail/code", address)
    step(lambda: visitor.post(link, {"code": code}))
    step(lambda: visitor.post(link, {"holder": "individual", "words": "hello"}))
    step(lambda: upload(visitor, link, picture()))
    step(lambda: visitor.get(link))
    step(lambda: visitor.post(f"{link}/send"))
    step(lambda: visitor.get(link))
    work()
    step(lambda: visitor.get(link))
    return [(status, page.replace(address, "…"), *counts) for status, page, *counts in seen]


def test_an_unknown_identifier_gets_the_same_pages_mails_rows_and_cost(customer):
    walks = {}
    for number, typed in enumerate((customer.handle, "zz999999-OVH", customer.email, "what?")):
        browser = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
        browser.get("/procedure")
        walks[typed] = steps_of(browser, typed, f"new{number}@example.net")

    first, *others = walks.values()
    assert len(first) == 10
    for other in others:
        assert other == first
    assert set(Case.objects.values_list("account", flat=True)) == {customer.account.pk, None}
    told = Mail.objects.filter(template="cases/mail/opened").values_list("recipient", flat=True)
    assert set(told) == {customer.email}


def test_what_was_typed_does_not_lie_about_in_clear(customer, visitor):
    begun(visitor, "nobody@example.org")

    assert "nobody" not in str(Case.objects.values())


def test_the_database_holds_neither_link_nor_words(link, visitor):
    visitor.post(f"{link}/send")
    work()
    stored = str(Case.objects.values()) + str(Mail.objects.values())

    assert link.rpartition("/")[2] not in stored
    assert "Nantes" not in stored


def test_an_objection_is_not_told_before_the_decision(link, visitor, customer, post):
    visitor.post(f"{link}/send")
    work()
    before = shown(visitor.get(link))
    notice = re.search(r"/procedure/notice/\S+", text_of(post.last_to(customer.email)))
    assert notice
    visitor.post(notice[0], {"meaning": "object"})

    assert Objection.objects.exists()
    assert shown(visitor.get(link)) == before


def test_the_origin_of_the_notices_is_that_of_the_visitor(link, visitor, customer, post):
    visitor.post(f"{link}/send", headers={"user-agent": ORIGIN.agent})
    work()

    assert "127.0.0.1" in text_of(post.last_to(customer.email))
