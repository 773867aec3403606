"""What a link of a mail says when it does nothing any more, or never did."""

import pytest
from django.utils import timezone

from nichandle.identity.emailchange.tests.journey import (
    NEW,
    PROOF,
    REFUSE_IT,
    UNDO,
    UNDO_IT,
    VETO,
    changed_by_code,
)
from nichandle.identity.notme.operations import mint

pytestmark = pytest.mark.django_db


def test_links_of_one_kind_or_account_open_nothing_else(journey, contact):
    journey.ask()
    secret = journey.link(PROOF, NEW).rpartition("/")[2]
    for kind in ("veto", "undo"):
        assert journey.visitor.post(f"/change/{kind}/{secret}").status_code == 410
    assert journey.state == "todo"


def test_links_to_the_old_address_are_void_after_the_change(journey):
    """What was mailed there before opens nothing any more: only the undo does."""
    secret = mint(
        account_id=journey.customer.account.pk,
        event="signin.succeeded",
        address=journey.customer.email,
        now=timezone.now(),
    )
    changed_by_code(journey, NEW)

    assert journey.visitor.post(f"/not-me/{secret}").status_code == 410


@pytest.mark.parametrize("kind", ["proof", "veto", "undo"])
@pytest.mark.parametrize("mangled", ["x", "%2E%2E", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, kind, mangled):
    for answer in (
        visitor.get(f"/change/{kind}/{mangled}"),
        visitor.post(f"/change/{kind}/{mangled}"),
    ):
        assert answer.status_code == 410
        assert "This link no longer works" in answer.content.decode()


def said(answer) -> str:
    assert answer.status_code == 410
    return answer.content.decode()


def test_a_link_says_what_became_of_it(journey):
    journey.ask("first@new.example")
    first, veto = journey.link(PROOF, "first@new.example"), journey.link(VETO, journey.email)
    journey.browser.post("/account/address/again", {"what": "proof"})
    assert "newer link was mailed" in said(journey.visitor.get(first))
    journey.deliver()
    journey.ask()
    assert "was replaced by a newer one" in said(journey.visitor.get(first))
    journey.prove()
    proof = journey.link(PROOF, NEW)
    assert "proven already" in said(journey.visitor.get(proof))
    journey.browser.post("/account/address/withdraw")
    assert "was withdrawn" in said(journey.visitor.get(proof))
    assert "was replaced by a newer one" in said(journey.visitor.post(veto, REFUSE_IT))
    assert "is not complete" in said(journey.visitor.get(veto[:-2]))


def test_a_link_of_a_change_that_is_made_or_undone_says_so(journey):
    journey.ask()
    proof, veto = journey.link(PROOF, NEW), journey.link(VETO, journey.email)
    journey.prove()
    journey.wait(hours=25)
    assert "this address is the primary one" in said(journey.visitor.get(proof))
    assert "has taken effect already" in said(journey.visitor.get(veto))
    undo = journey.link(UNDO, journey.customer.email)
    journey.visitor.post(undo, UNDO_IT)

    assert "was undone" in said(journey.visitor.get(undo))
    assert "was undone" in said(journey.visitor.get(veto))
