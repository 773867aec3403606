"""Who may refuse a change, until when, and what three refusals lead to."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.cases.models import Case
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import endings
from nichandle.identity.emailchange.tests.journey import (
    NEW,
    REFUSE_IT,
    SPARE,
    UNDO,
    UNDO_IT,
    VETO,
    recovery,
    shown,
)
from nichandle.platform.kernel.act import Act
from tests.support.post import waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def test_a_veto_ends_it_and_offers_to_make_the_account_safe(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)
    for _ in range(3):
        assert journey.visitor.get(link).status_code == 200
        journey.visitor.head(link)
    assert journey.state == "todo"

    answer = journey.visitor.post(link, REFUSE_IT)

    assert journey.state == "refused"
    assert "/not-me/" in answer.content.decode()
    journey.prove()
    journey.wait(days=2)
    assert journey.email == journey.customer.email
    assert journey.visitor.post(link, REFUSE_IT).status_code == 410
    safe = re.search(r"/not-me/[^\"]+", answer.content.decode())
    assert safe
    assert journey.visitor.post(safe[0]).status_code == 422
    assert journey.visitor.post(safe[0], {"meaning": "not_me"}).status_code == 302
    assert journey.browser.get("/area").status_code == 302


def test_a_veto_of_an_older_mail_ends_the_present_request(journey):
    journey.ask("first@new.example")
    link = journey.link(VETO, journey.customer.email)
    journey.ask("second@new.example")

    journey.visitor.post(link, REFUSE_IT)

    assert journey.state == "refused"


def test_a_veto_after_the_deadline_wins_while_nothing_is_written(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)
    journey.prove()
    journey.wait(hours=23, minutes=59)
    journey.clock.shift(timedelta(hours=6))

    assert journey.visitor.post(link, REFUSE_IT).status_code == 200

    journey.wait(hours=1)
    assert journey.email == journey.customer.email


def test_a_veto_after_acceptance_says_what_to_do(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)
    journey.prove()
    journey.wait(hours=25)
    assert journey.email == NEW

    answer = journey.visitor.post(link, REFUSE_IT)

    assert answer.status_code == 410
    assert "holds a link that undoes it" in answer.content.decode()


def test_an_established_recovery_address_vetoes_a_young_one_only_hears(journey):
    recovery(journey.customer)
    recovery(journey.customer, "young@example.net", timedelta(days=1))
    journey.ask()
    assert "is to change" in journey.subjects("young@example.net")[-1]
    with pytest.raises(AssertionError):
        journey.link(VETO, "young@example.net")

    journey.visitor.post(journey.link(VETO, SPARE), REFUSE_IT)

    assert journey.state == "refused"


def test_the_owners_recovery_address_removed_first_still_vetoes(journey):
    """A thief removes it and asks at once: it keeps notices, veto and undo for seven days."""
    spare = recovery(journey.customer)
    spare.removed_at = timezone.now()
    spare.save()
    journey.ask()
    journey.prove()
    assert journey.link(VETO, SPARE)
    journey.wait(hours=25)
    assert journey.email == NEW

    journey.visitor.post(journey.link(UNDO, SPARE), UNDO_IT)

    assert journey.email == journey.customer.email


def test_after_three_vetoes_a_case_is_offered(journey):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
        journey.visitor.post(journey.link(VETO, journey.customer.email), REFUSE_IT)

    page = journey.browser.get("/account/address").content.decode()
    assert "Let customer service decide" in page
    answer = journey.browser.post("/account/address", {"address": NEW, "by": "case"})
    case = Case.objects.get()
    assert (case.kind, case.state, case.new_address) == ("change_vetoed", "filing", NEW)
    assert not Change.objects.filter(state="todo").exists()
    place = answer.headers["Location"]
    code = waiting_code("cases/mail/code", NEW)
    journey.browser.post(place, {"code": code})
    journey.browser.post(place, {"holder": "individual", "words": ""})
    journey.browser.post(f"{place}/send")
    work(timezone.now())
    case.refresh_from_db()
    assert (case.state, case.account_id) == ("open", journey.customer.account.pk)


def test_before_three_vetoes_no_case_is_opened(journey):
    journey.ask("n1@new.example")
    journey.visitor.post(journey.link(VETO, journey.customer.email), REFUSE_IT)

    answer = journey.browser.post("/account/address", {"address": NEW, "by": "case"})

    assert answer.status_code == 422
    assert "only after three refusals" in answer.content.decode()
    assert not Case.objects.exists()


def test_signed_in_the_owner_refuses_with_a_button(journey):
    journey.ask()
    assert "It was not me who asked" in shown(journey)
    journey.clock.shift(timedelta(minutes=15))

    answer = journey.browser.post("/account/address/veto")

    assert "Make my account safe" in answer.content.decode()
    assert "/not-me/" not in answer.content.decode()
    assert journey.state == "refused"
    again = journey.browser.post("/account/address/veto", follow=True)
    assert "No change of address is under way" in again.content.decode()


@pytest.mark.parametrize("how", ["codes", "disowned", "undone", "case"])
def test_what_was_not_vetoed_is_not_counted_as_a_veto(journey, how):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
        endings.refuse(
            Change.objects.get(state="todo"), act=Act.by_itself(timezone.now()), reason=how
        )

    assert "Let customer service decide" not in shown(journey)


def test_vetoes_signed_in_count_as_those_by_link_do(journey):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
        journey.browser.post("/account/address/veto")

    assert "Let customer service decide" in shown(journey)
