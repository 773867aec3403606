"""The old address takes a change back: alone after silence, with another's code after a code."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.operations import AddressTaken
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.tests.journey import (
    NEW,
    NOT_ME,
    PROOF,
    SPARE,
    UNDO,
    UNDO_IT,
    changed_by_code,
    newest,
    recovery,
)
from nichandle.identity.pauses import queries as pauses
from tests.support.people import make_person

pytestmark = pytest.mark.django_db


def test_after_silence_the_old_address_undoes_alone(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    link = journey.link(UNDO, journey.customer.email)
    for _ in range(3):
        journey.visitor.get(link)
    assert journey.email == NEW

    answer = journey.visitor.post(link, UNDO_IT)

    assert "/not-me/" in answer.content.decode()
    assert journey.email == journey.customer.email
    assert journey.state == "undone"
    assert "was restored" in journey.subjects(NEW)[-1]
    assert journey.visitor.post(link, UNDO_IT).status_code == 410
    assert pauses.running(journey.customer.account.pk, now=timezone.now())


def test_after_the_code_the_old_mailbox_alone_only_pauses(journey):
    """It may be the stolen or the abandoned one."""
    journey.ask()
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    link = journey.link(UNDO, journey.customer.email)

    answer = journey.visitor.post(link, UNDO_IT)

    assert "Customer service looks into it" in answer.content.decode()
    assert journey.email == NEW
    assert journey.state == "done"
    assert journey.browser.get("/area").status_code == 302
    pause = pauses.running(journey.customer.account.pk, now=timezone.now())
    assert pause
    assert pause.cause == "change_undone"
    journey.visitor.post(link, UNDO_IT)
    assert len(pauses.all_running(journey.customer.account.pk, now=timezone.now())) == 1


def test_after_the_code_an_established_recovery_address_confirms_the_undo(journey):
    recovery(journey.customer)
    journey.ask()
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    link = journey.link(UNDO, journey.customer.email)
    page = journey.visitor.post(link, UNDO_IT)
    assert "A code is on its way to your recovery address" in page.content.decode()
    code = journey.code(SPARE)

    wrong = journey.visitor.post(f"{link}/code", {"code": "BBBB-BBBB"})
    assert wrong.status_code == 422
    assert journey.email == NEW
    journey.visitor.post(f"{link}/code", {"code": code})

    assert journey.email == journey.customer.email


def test_a_recovery_address_younger_than_the_request_confirms_nothing(journey):
    recovery(journey.customer, age=timedelta(days=6))
    journey.ask()
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    journey.wait(days=2)

    answer = journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert "Customer service looks into it" in answer.content.decode()


def test_the_undo_lasts_seven_days(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    link = journey.link(UNDO, journey.customer.email)
    journey.clock.move_to(Change.objects.get().ended_at + timedelta(days=7))

    assert journey.visitor.post(link, UNDO_IT).status_code == 410
    assert journey.email == NEW
    journey.clock.shift(timedelta(seconds=-1))
    assert journey.visitor.post(link, UNDO_IT).status_code == 200
    assert journey.email == journey.customer.email


ORDERS = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1), (2, 1, 0), (0, 1, 2), (1, 0, 2)]


@pytest.mark.parametrize("order", ORDERS)
def test_of_several_undos_the_earliest_wins_in_every_order(journey, order):
    """A→B→C→D: each undo restores what was before its change; what came later is void."""
    recovery(journey.customer)
    places = [journey.customer.email, "b@new.example", "c@new.example", "d@new.example"]
    links = [changed_by_code(journey, address) for address in places[1:]]
    reached = len(links)
    for chosen in order:
        answer = journey.visitor.post(links[chosen], UNDO_IT)
        if chosen >= reached:
            assert answer.status_code == 410
            continue
        code = journey.code(SPARE)
        journey.visitor.post(f"{links[chosen]}/code", {"code": code})
        reached = chosen
        assert journey.email == places[chosen]
    assert journey.email == places[min(order)]


@pytest.mark.parametrize("proven", [False, True])
def test_a_recovery_address_that_was_primary_comes_back_though_added_again(journey, proven):
    """A→SPARE→C, SPARE added anew, and the undo of the first: one row of SPARE remains, the old."""
    old = recovery(journey.customer)
    recovery(journey.customer, "third@example.net")
    first = changed_by_code(journey, SPARE)
    changed_by_code(journey, "c@new.example")
    place = journey.browser.post("/account/recovery-addresses", {"address": SPARE})
    if proven:
        journey.browser.post(place.headers["Location"], {"code": journey.code(SPARE)})
    journey.visitor.post(first, UNDO_IT)

    answer = journey.visitor.post(f"{first}/code", {"code": journey.code("third@example.net")})

    assert answer.status_code == 200
    assert journey.email == journey.customer.email
    rows = RecoveryAddress.objects.filter(address=SPARE, removed_at=None)
    assert [row.pk for row in rows] == [old.pk]


def test_an_address_that_may_come_back_is_nobody_elses(journey, contact):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    other = contact.sign_in()
    other.post("/account/address", {"address": journey.customer.email})
    assert Change.objects.get(account=contact.account).taken

    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert journey.email == journey.customer.email


def test_nobody_can_create_an_account_with_a_kept_address(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)

    with pytest.raises(AddressTaken):
        make_person(journey.customer.email)


def test_the_fifth_press_of_an_undo_still_takes_the_code(journey):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    for _ in range(4):
        assert journey.visitor.post(undo, UNDO_IT).status_code == 200

    answer = journey.visitor.post(undo, UNDO_IT, follow=True)

    assert "sent three times again already" in answer.content.decode()
    assert "Confirm the undo" in answer.content.decode()
    journey.visitor.post(f"{undo}/code", {"code": journey.code(SPARE)})
    assert journey.email == journey.customer.email


def test_an_undo_is_told_with_a_link_and_not_to_the_address_given_up(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    journey.visitor.post(journey.link(UNDO, journey.customer.email), UNDO_IT)

    assert NOT_ME.search(newest(journey, journey.customer.email, "restored"))
    assert not NOT_ME.search(newest(journey, NEW, "restored"))


def test_an_undo_ends_the_open_request_and_no_one_elses(journey, contact):
    recovery(journey.customer)
    first = changed_by_code(journey, NEW)
    other = contact.sign_in()
    journey.browser.post("/account/address", {"address": "later@new.example"})
    other.post("/account/address", {"address": "paul@new.example"})
    journey.visitor.post(first, UNDO_IT)
    journey.visitor.post(f"{first}/code", {"code": journey.code(SPARE)})

    assert journey.email == journey.customer.email
    state = Change.objects.values_list("state", "refused_why")
    assert state.get(new_address="later@new.example") == ("refused", "undone")
    assert state.get(new_address="paul@new.example")[0] == Change.State.OPEN


def test_an_undo_voids_its_own_links_and_the_later_ones_alone(journey, contact):
    """In what is kept too: none of these is ever shown as one that could still be used."""
    recovery(journey.customer)
    changed_by_code(journey, "b@new.example")
    second = changed_by_code(journey, "c@new.example")
    changed_by_code(journey, "d@new.example")
    other = contact.sign_in()
    other.post("/account/address", {"address": "paul@new.example"})
    other.post(journey.link(PROOF, "paul@new.example"))
    other.post("/account/address/code", {"code": journey.code(contact.email)})
    journey.visitor.post(second, UNDO_IT)
    journey.visitor.post(f"{second}/code", {"code": journey.code(SPARE)})
    assert journey.email == "b@new.example"

    undos = ChangeLink.objects.filter(kind=ChangeLink.Kind.UNDO)
    void = {
        address: set(undos.filter(change__new_address=address).values_list("used_at", flat=True))
        for address in undos.values_list("change__new_address", flat=True)
    }
    now = timezone.now()
    assert void == {
        "b@new.example": {None},
        "c@new.example": {now},
        "d@new.example": {now},
        "paul@new.example": {None},
    }


@pytest.mark.parametrize(("late", "restored"), [(-1, True), (0, False)])
def test_the_code_that_confirms_an_undo_lasts_a_day(journey, late, restored):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    journey.visitor.post(undo, UNDO_IT)
    code = journey.code(SPARE)
    journey.clock.shift(timedelta(hours=24, seconds=late))

    journey.visitor.post(f"{undo}/code", {"code": code})

    assert (journey.email == journey.customer.email) is restored


def test_an_address_whose_undo_was_pressed_is_kept_for_thirty_days(journey):
    undo = changed_by_code(journey, NEW)
    journey.visitor.post(undo, UNDO_IT)
    journey.clock.shift(timedelta(days=30) - timedelta(seconds=1))
    with pytest.raises(AddressTaken):
        make_person(journey.customer.email)
    journey.clock.shift(timedelta(seconds=1))

    assert make_person(journey.customer.email).account.pk != journey.customer.account.pk
