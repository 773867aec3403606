"""What presses buttons and fills forms in without reading vetoes and undoes nothing."""

import re

import pytest

from nichandle.identity.emailchange.tests.journey import (
    NEW,
    REFUSE_IT,
    SPARE,
    UNDO,
    UNDO_IT,
    VETO,
    changed_by_code,
    recovery,
)
from nichandle.identity.pauses.models import Pause
from nichandle.platform.outbox.models import Mail

pytestmark = pytest.mark.django_db
RADIO = re.compile(r'<input type="radio" name="([^"]+)" value="([^"]+)"([^>]*)>')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
NOTHING_CHOSEN = "Choose what you mean: nothing has happened yet."


def scan(browser, link: str) -> list[int]:
    """Do what scanners of mail do: open it, press the button, take the first of each choice."""
    page = browser.get(link).content.decode()
    options = RADIO.findall(page)
    assert options
    assert not [rest for *_option, rest in options if "checked" in rest]
    first = dict(reversed([(name, value) for name, value, _rest in options]))
    hidden = dict(HIDDEN.findall(page))
    forms = ({}, hidden, hidden | first, hidden | dict.fromkeys(first, ""), {"meaning": "x"})
    browser.head(link)
    return [browser.post(link, form).status_code for form in forms]


def test_a_scanner_vetoes_nothing(journey):
    recovery(journey.customer)
    journey.ask()
    for address in (journey.customer.email, SPARE):
        link = journey.link(VETO, address)
        mails = Mail.objects.count()
        assert scan(journey.visitor, link) == [422, 422, 200, 422, 422]
        assert NOTHING_CHOSEN in journey.visitor.post(link).content.decode()
        assert journey.state == "todo"
        assert Mail.objects.count() == mails
    assert journey.browser.get("/area").status_code == 200

    journey.visitor.post(link, REFUSE_IT)

    assert journey.state == "refused"


def test_a_scanner_undoes_nothing_after_silence(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    link = journey.link(UNDO, journey.customer.email)

    assert scan(journey.visitor, link) == [422, 422, 200, 422, 422]

    assert journey.email == NEW
    assert journey.state == "done"
    journey.visitor.post(link, UNDO_IT)
    assert journey.email == journey.customer.email


def test_a_scanner_contests_nothing_after_the_code(journey):
    recovery(journey.customer)
    link = changed_by_code(journey, NEW)
    mails = Mail.objects.count()

    assert scan(journey.visitor, link) == [422, 422, 200, 422, 422]

    assert not Pause.objects.exists()
    assert Mail.objects.count() == mails
    assert journey.browser.get("/area").status_code == 200


def test_who_leaves_it_as_it_is_may_change_their_mind(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)

    answer = journey.visitor.post(link, {"meaning": "keep"})

    assert "Nothing has changed" in answer.content.decode()
    assert "still works" in answer.content.decode()
    assert "Refused" not in answer.content.decode()
    assert journey.visitor.post(link, REFUSE_IT).status_code == 200
    assert journey.state == "refused"
