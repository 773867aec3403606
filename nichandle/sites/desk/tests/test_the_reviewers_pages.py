"""Reviewers have a door of their own, and see the papers of the cases they have taken up alone."""

import io
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from PIL import Image

from nichandle.identity.cases import filing
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import Case, PaperBody, Review
from nichandle.identity.cases.papers import uploads
from nichandle.identity.cases.review import objections
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.identity.staff.models import StaffMember
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.models import Allowance
from nichandle.sites.desk.models import ReviewerKey, ReviewerSession
from nichandle.sites.desk.operations import ReviewerSigninFailed
from nichandle.sites.desk.tests.people import (
    OWN,
    Colleague,
    browser,
    colleague,
    dismiss,
    enter,
    inside,
    invite,
)
from tests.support.cases import NEW, ORIGIN, World, judge
from tests.support.people import PASSWORD
from tests.support.post import deliver
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def picture(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (600, 400), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def world(customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        made = World(customer, clock, [])
        made.file()
        uploads.add(
            secret=made.secret,
            item="identity",
            data=picture(),
            size=1000,
            act=Act(ORIGIN, made.now),
        )
        procedure.send(secret=made.secret, act=Act(ORIGIN, made.now))
        work()
        assert judge() == 1
        made.number = Case.objects.get().number
        yield made


@pytest.fixture
def place(world) -> str:
    return f"/desk/case/{world.number}"


def paper_of(place: str) -> str:
    return f"{place}/paper/{Case.objects.get().papers.get().name}/0"


def approve(here: Client, place: str, **more: object):
    here.post(f"{place}/take")
    good = {"ticks": ["identity"], "words": "Called back at the number of the contract."}
    return here.post(f"{place}/approve", {**good, **more})


# The door.


def test_a_reviewer_is_set_up_by_a_link_that_works_once():
    link, claire = invite("Claire"), Colleague("Claire")
    assert claire.browser.get(link).status_code == 200
    assert claire.set_up(link, password="short").status_code == 422
    claire.set_up(link)

    assert inside(claire.browser)
    assert browser().get(link).status_code == 410
    assert browser().post(link, {"password": OWN}).status_code == 410
    assert link.rpartition("/")[2] not in str(StaffMember.objects.values())


def test_a_link_lasts_a_day_and_a_newer_one_voids_it():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = invite("Claire")
        second = invite("Claire")
        assert browser().get(first).status_code == 410
        assert browser().get(second).status_code == 200
        clock.shift(timedelta(hours=24))
        assert browser().get(second).status_code == 410
    assert StaffMember.objects.count() == 1


def test_a_wrong_password_is_counted_and_answered_like_an_unknown_address():
    enter("Claire")
    answers = [
        browser().post("/desk/signin", {"email": email, "password": "something else here"})
        for email in ("claire@provider.example", "nobody@provider.example")
    ]

    sentence = str(ReviewerSigninFailed.message)
    assert [answer.status_code for answer in answers] == [422, 422]
    assert all(sentence in answer.content.decode() for answer in answers)
    assert Allowance.objects.filter(name="review.signin").count() == 2
    for _ in range(9):
        browser().post(
            "/desk/signin", {"email": "claire@provider.example", "password": "something else"}
        )
    spent = browser().post("/desk/signin", {"email": "claire@provider.example", "password": OWN})
    assert spent.status_code == 429


def test_signing_in_and_out():
    claire, here = colleague("Claire"), browser()
    claire.name = "CLAIRE"
    claire.sign_in(here)
    cookie = here.cookies["review"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie.value not in str(ReviewerSession.objects.values())
    assert here.get("/desk/signin").headers["Location"] == "/desk"
    here.post("/desk/signout")

    assert here.get("/desk/cases").headers["Location"] == "/desk/signin"


@pytest.mark.parametrize(("minutes", "uses"), [(31, 0), (8 * 60 + 1, 30)])
def test_a_session_ends_by_itself(minutes, uses):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        here = enter("Claire")
        for _ in range(uses):
            clock.shift(timedelta(minutes=minutes / uses))
            here.get("/desk/cases")
        clock.shift(timedelta(minutes=0 if uses else minutes))
        assert here.get("/desk/cases").status_code == 302


def test_who_is_dismissed_is_out_at_once():
    claire = colleague("Claire")
    dismiss("Claire")

    assert not inside(claire.browser)
    assert claire.give_password().status_code == 422
    invite("Claire")
    assert claire.give_password().status_code == 422, "the password of before is no longer good"
    assert not ReviewerKey.objects.exists()


def test_a_customer_s_session_opens_no_reviewer_s_page_and_the_other_way_round(customer, place):
    assert customer.sign_in().get(place).headers["Location"] == "/desk/signin"
    assert enter("Claire").get("/area").headers["Location"].startswith("/signin")


def test_a_reviewer_s_password_signs_no_customer_in(customer):
    enter("Claire")
    entered = browser().post("/signin", {"identifier": "claire@provider.example", "password": OWN})
    assert entered.status_code == 422
    assert (
        browser().post("/desk/signin", {"email": customer.email, "password": PASSWORD}).status_code
        == 422
    )


def test_the_operator_sees_who_there_is():
    enter("Claire")
    invite("Karim")
    out = io.StringIO()
    call_command("reviewer", "list", stdout=out)

    assert re.search(r"Claire .* ready\n", out.getvalue())
    ReviewerKey.objects.all().delete()
    call_command("reviewer", "list", stdout=out)
    assert re.search(r"Claire .* without key: needs a new link\n", out.getvalue())
    assert re.search(r"Karim .* invited\n", out.getvalue())


# A case worked to its end.


def test_two_reviewers_work_a_case_to_its_end(world, place, customer):
    claire, karim = enter("Claire"), enter("Karim")
    assert world.number in claire.get("/desk/cases").content.decode()
    page = claire.get(place).content.decode()
    for word in ("Diane Mercier", "I moved.", NEW, customer.email, ORIGIN.ip):
        assert word not in page, "what is the holder's is for who has taken the case up"
    claire.post(f"{place}/take")
    page = claire.get(place).content.decode()
    for word in ("Diane Mercier", "I moved.", NEW, customer.email, ORIGIN.ip):
        assert word in page
    deliver()
    assert approve(claire, place).status_code == 302
    assert approve(karim, place).status_code == 302
    deliver()
    world.later(hours=72)

    assert world.case.state == "done"
    lines = [
        (entry.act, ledger.details_of(entry).get("actor"))
        for entry in ledger.all_entries(customer.account.pk)
    ]
    assert ("case.review_taken", "Claire") in lines
    assert ("case.reviewed", "Karim") in lines


def test_a_form_with_an_error_comes_back_with_what_was_typed(world, place):
    claire = enter("Claire")
    claire.post(f"{place}/take")
    refused = claire.post(f"{place}/refuse", {"words": "Page 2 is cut off."})
    assert refused.status_code == 422
    assert "Page 2 is cut off." in refused.content.decode()
    bare = claire.post(f"{place}/approve", {"ticks": ["identity"]})
    assert bare.status_code == 422
    assert "Tick every paper" in bare.content.decode()
    assert Review.objects.get().outcome == ""


def test_the_same_reviewer_twice_is_one(world, place):
    claire = enter("Claire")
    approve(claire, place)
    again = approve(claire, place)

    assert again.status_code == 422
    assert world.case.state == "open"


def test_after_an_objection_the_third_says_how_the_holder_was_reached(world, place):
    objections.object_by_link(secret=world.notice(), words="No", act=Act(ORIGIN, world.now))
    for name in ("Claire", "Karim"):
        approve(enter(name), place)
    ida = enter("Ida")
    ida.post(f"{place}/take")
    assert 'name="method"' in ida.get(place).content.decode()
    assert approve(ida, place).status_code == 422
    assert approve(ida, place, method="call_back").status_code == 302
    assert world.case.state == "approved"


def test_a_refusal_reaches_who_opened_the_case(world, place):
    claire = enter("Claire")
    claire.post(f"{place}/take")
    claire.post(f"{place}/refuse", {"reasons": ["outdated"], "words": "Kbis of 2019."})
    page = browser().get(f"/procedure/case/{world.secret}").content.decode()

    assert "older than 3 months" in page
    assert "Kbis of 2019." in page


def test_papers_asked_for_can_be_added_on_the_page_of_the_case(world, place):
    claire = enter("Claire")
    claire.post(f"{place}/take")
    claire.post(f"{place}/ask", {"items": ["minutes"]})
    page = browser().get(f"/procedure/case/{world.secret}").content.decode()
    assert "Minutes of the assembly" in page
    uploads.add(
        secret=world.secret, item="minutes", data=picture(), size=9, act=Act(ORIGIN, world.now)
    )

    assert "Minutes of the assembly" in claire.get(place).content.decode()


def test_a_case_about_nobody_says_so_and_can_only_be_refused(world):
    world.open(typed="zz999999-OVH", address="other@example.net")
    place = f"/desk/case/{world.number}"
    claire = enter("Claire")
    claire.post(f"{place}/take")
    page = claire.get(place).content.decode()

    assert "Nobody has this identifier" in page
    assert "Approve the case" not in page
    assert approve(claire, place).status_code == 422


# The papers.


def test_a_paper_is_shown_drawn_anew_with_case_reviewer_and_time_on_it(world, place):
    claire = enter("Claire")
    claire.post(f"{place}/take")
    shown = claire.get(paper_of(place))

    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Content-Disposition"] == 'inline; filename="page-0.jpg"'
    assert "no-store" in shown.headers["Cache-Control"]
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    image = Image.open(io.BytesIO(shown.content))
    assert image.size == (600, 400)
    colours = image.convert("L").histogram()
    assert sum(colours[:230]) > 2000, "a white sheet has the watermark on it"
    assert sum(colours[:230]) < 600 * 400 / 2


@pytest.mark.parametrize("who", ["visitor", "customer", "another reviewer", "one who left it"])
def test_nobody_else_sees_a_paper(world, place, customer, who):
    paper = paper_of(place)
    if who == "visitor":
        assert browser().get(paper).status_code == 302
    elif who == "customer":
        assert customer.sign_in().get(paper).status_code == 302
    elif who == "another reviewer":
        enter("Claire").post(f"{place}/take")
        assert enter("Karim").get(paper).status_code == 404
    else:
        claire = enter("Claire")
        claire.post(f"{place}/take")
        claire.post(f"{place}/leave")
        assert claire.get(paper).status_code == 404


def test_a_paper_of_another_case_is_not_reached_through_one_s_own(world, place):
    claire = enter("Claire")
    name = Case.objects.get().papers.get().name
    world.open(address="other@example.net")
    other = f"/desk/case/{world.number}"
    claire.post(f"{other}/take")

    assert claire.get(f"{other}/paper/{name}/0").status_code == 404
    assert claire.get(f"{place}/paper/{name}/0").status_code == 404


def test_thirty_days_after_the_decision_the_papers_are_gone_for_everybody(world, place):
    someone = colleague("Claire")
    claire = someone.browser
    claire.post(f"{place}/take")
    claire.post(f"{place}/refuse", {"reasons": ["unreadable"]})
    paper = paper_of(place)
    assert claire.get(paper).status_code == 200
    sealed = bytes(PaperBody.objects.get().sealed)
    world.clock.shift(timedelta(days=30))
    assert sealing.destroy_due(now=world.now) == 1
    someone.sign_in()

    assert claire.get(paper).status_code == 404
    assert claire.get(place).status_code == 200
    assert (world.case.key, world.case.words) == (None, "")
    assert not PaperBody.objects.exists()
    assert picture() not in sealed


def test_what_is_stored_is_sealed_and_bound_to_its_case(world):
    body = PaperBody.objects.get()
    assert picture()[:40] not in bytes(body.sealed)
    assert b"I moved" not in world.case.words.encode()
    case = world.case
    world.secret = filing.begin(
        kind="both_lost",
        typed="x",
        address=NEW,
        language="en",
        act=Act(ORIGIN, world.now),
    )
    other = Case.objects.latest("pk")
    other.key = case.key
    with pytest.raises(Exception, match=r"^$"):
        sealing.unseal(other, body.paper.name, bytes(body.sealed))
    with pytest.raises(Exception, match=r"^$"):
        sealing.unseal(case, "another name", bytes(body.sealed))
    assert sealing.unseal(case, body.paper.name, bytes(body.sealed)) == picture()


def test_a_new_secret_of_the_server_opens_old_papers_and_the_keys_move_to_it(world, settings):
    body = PaperBody.objects.get()
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another secret of at least thirty-two characters"
    assert sealing.renew_keys() == 1
    assert sealing.renew_keys() == 0
    settings.SECRET_KEY_FALLBACKS = []

    assert sealing.unseal(world.case, body.paper.name, bytes(body.sealed)) == picture()
