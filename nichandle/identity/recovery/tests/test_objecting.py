"""The owner objects to a case about the account, or confirms it."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import Case, Objection

pytestmark = pytest.mark.django_db


def test_opening_a_notice_s_link_changes_nothing_however_often(notice, visitor):
    for _ in range(3):
        assert visitor.get(notice).status_code == 200
        visitor.head(notice)

    assert not Objection.objects.exists()
    assert Case.objects.get().confirmed_at is None


def test_one_button_objects(notice, visitor):
    answer = visitor.post(notice, {"meaning": "object", "words": "Never moved."})

    assert "Your objection is noted" in answer.content.decode()
    objection, case = Objection.objects.get(), Case.objects.get()
    assert "Never moved." not in objection.words, "sealed like the papers"
    name = sealing.of_objection(objection)
    assert sealing.words_of(case, objection.words, name=name) == "Never moved."
    assert case.contested_at is not None


def test_the_other_confirms(notice, visitor):
    answer = visitor.post(notice, {"meaning": "confirm"})

    assert "Confirmed" in answer.content.decode()
    assert Case.objects.get().confirmed_at is not None
    assert not Objection.objects.exists()


def test_a_notice_of_a_closed_case_is_a_page_that_helps(notice, link, visitor):
    visitor.post(f"{link}/withdraw", {"meaning": "withdraw"})

    assert visitor.get(notice).status_code == 410
    assert visitor.post(notice, {"meaning": "object"}).status_code == 410
    assert visitor.get("/procedure/notice/x").status_code == 410


def test_signed_in_one_sees_the_cases_about_oneself_and_objects(notice, customer, stranger):
    number = Case.objects.get().number
    here = customer.sign_in()
    assert "Somebody has opened a case" in here.get("/area").content.decode()
    assert number in here.get("/account/cases").content.decode()
    assert number not in stranger.sign_in().get("/account/cases").content.decode()
    stranger.browser.post("/account/cases/object", {"number": number})
    assert not Objection.objects.exists()
    here.post("/account/cases/object", {"number": number, "words": "It is not me."})

    assert Objection.objects.get().by == "signin"


def test_an_old_session_is_asked_to_sign_in_again_before_it_objects(notice, customer):
    number = Case.objects.get().number
    with time_machine.travel(timezone.now(), tick=False) as clock:
        here = customer.sign_in()
        clock.shift(timedelta(minutes=11))
        asked = here.post("/account/cases/object", {"number": number, "words": "Not me."})

        assert "password" in asked.content.decode()
        assert not Objection.objects.exists()
