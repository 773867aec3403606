"""What reviewers judge by, what they see of whom, and that nobody acts on what is not theirs."""

import re
from datetime import timedelta

import pytest

from nichandle.identity.accounts.operations import change_details
from nichandle.identity.cases.models import Case, Notice, Review
from nichandle.identity.cases.review import objections
from nichandle.platform.kernel.act import Act
from nichandle.sites.desk.tests.people import browser, dismiss, enter
from nichandle.sites.desk.tests.test_the_reviewers_pages import approve, paper_of, place, world
from tests.support.cases import ORIGIN

__all__ = ["place", "world"]
pytestmark = pytest.mark.django_db


# What reviewers judge by.


def words_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_the_claimed_kind_of_holder_stands_beside_that_on_file(world, place):
    claire = enter("Claire")
    claire.post(f"{place}/take")
    page = words_of(claire.get(place))
    assert "Claimed kind of holder" in page
    assert "Not as on file" not in page
    Case.objects.update(holder="corporation")

    page = words_of(claire.get(place))
    assert "Not as on file" in page
    assert "says that the holder is: Company" in page
    assert "On file is: Individual" in page
    assert "Not as on file" not in words_of(enter("Karim").get(place))


def test_only_papers_that_were_sent_and_drawn_can_be_ticked(world, place):
    claire = enter("Claire")
    claire.post(f"{place}/take")
    page = claire.get(place).content.decode()
    assert 'value="identity"' in page.partition("Ask for papers")[0]
    assert 'name="ticks" value="address_proof"' not in page
    forged = {"ticks": ["identity", "address_proof"], "words": "Both."}
    assert claire.post(f"{place}/approve", forged).status_code == 422
    assert Review.objects.get().outcome == ""


def test_what_changed_in_the_account_lately_stands_beside_the_case(
    world, place, customer, stranger, origin
):
    for who, city in ((customer, "Lyon"), (stranger, "Elsewhere")):
        change_details(
            account_id=who.account.pk,
            details={"family_name": f"Voleur of {city}", "phone": "+33699999999"},
            act=Act(origin, world.now),
        )
    claire = enter("Claire")
    assert "Voleur" not in words_of(claire.get(place)), "for those who have taken it up"
    claire.post(f"{place}/take")
    page = words_of(claire.get(place))

    assert "Mercier → Voleur of Lyon" in page
    assert "→ +33699999999" in page
    assert "Elsewhere" not in page
    assert origin.ip not in page, "from where is nobody else's business"
    Case.objects.update(opened_at=world.now + timedelta(days=31))
    world.clock.shift(timedelta(days=31))
    later = enter("Karim")
    later.post(f"{place}/take")
    assert "are as they were" in words_of(later.get(place))


def test_a_reviewer_reads_which_mailbox_put_the_notice_off(world, place):
    Notice.objects.update(given_up=True, settled_at=world.now)
    claire = enter("Claire")
    assert "Put off until given up" not in words_of(claire.get(place))
    claire.post(f"{place}/take")

    assert "Put off until given up" in words_of(claire.get(place))


def test_objections_and_reviewers_words_are_read_by_those_who_have_the_case(world, place):
    objections.object_by_link(secret=world.notice(), words="A thief!", act=Act(ORIGIN, world.now))
    claire, karim = enter("Claire"), enter("Karim")
    page = words_of(claire.get(place))
    assert "1 objection" in page
    assert "A thief!" not in page
    approve(claire, place)
    assert "Called back at" not in words_of(karim.get(place))
    karim.post(f"{place}/take")
    page = words_of(karim.get(place))
    assert "A thief!" in page
    assert "Called back at the number of the contract." in page


# Objects of others: the stranger, the reviewer without the case, the dismissed one.

ACTS = {
    "take": {},
    "leave": {},
    "ask": {"items": ["identity"]},
    "approve": {"words": "Surely."},
    "refuse": {"reasons": ["unreadable"]},
    "close": {"words": "Nothing."},
    "settle": {"give_back": "yes", "words": "So."},
}


NOBODYS = ["stranger", "contact", "dismissed"]
# Taking a case up is open to every reviewer.
TRIED = [(who, act) for who in NOBODYS for act in ACTS] + [
    (who, act) for who in ("without it", "lost it") for act in ACTS if act != "take"
]


@pytest.mark.parametrize(("who", "act"), TRIED)
def test_nobody_acts_on_a_case_that_is_not_theirs(world, place, act, who, stranger, contact):
    held = enter("Karim")
    held.post(f"{place}/take")
    before = (world.case.state, Review.objects.count())
    if who in {"stranger", "contact"}:
        here = {"stranger": stranger, "contact": contact}[who].sign_in()
    else:
        here = enter("Claire")
    if who in {"dismissed", "lost it"}:
        here.post(f"{place}/take")
        before = (world.case.state, Review.objects.count())
    if who == "dismissed":
        dismiss("Claire")
    if who == "lost it":
        Review.objects.filter(reviewer__name="Claire").update(
            acted_at=world.now - timedelta(days=7)
        )
    answer = here.post(f"{place}/{act}", ACTS[act])

    assert answer.status_code in {302, 404, 422}
    if who in NOBODYS:
        assert answer.headers["Location"] == "/desk/signin"
    assert (world.case.state, Review.objects.count()) == before
    assert set(Review.objects.values_list("outcome", flat=True)) == {""}
    assert world.case.asked_for == []
    assert Review.objects.get(reviewer__name="Karim").left_at is None


@pytest.mark.parametrize("who", ["stranger", "contact", "dismissed", "visitor"])
def test_nobody_else_reads_a_case_at_all(world, place, who, stranger, contact):
    if who == "dismissed":
        here = enter("Claire")
        here.post(f"{place}/take")
        dismiss("Claire")
    else:
        people = {"stranger": stranger, "contact": contact}
        here = people[who].sign_in() if who in people else browser()
    for address in ("/desk/cases", place, paper_of(place), f"{place}/paper/{'0' * 32}/0"):
        assert here.get(address).headers["Location"] == "/desk/signin"


def test_a_case_that_does_not_exist_is_not_found(world, place):
    claire = enter("Claire")
    for act, given in ACTS.items():
        assert claire.post(f"/desk/case/D-ZZZZ-ZZZZ/{act}", given).status_code == 404
    assert claire.get("/desk/case/D-ZZZZ-ZZZZ").status_code == 404
