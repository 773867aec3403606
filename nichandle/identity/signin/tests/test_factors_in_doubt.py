"""Factors after a doubtful event: disowned, waiting, or ending a pause."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.pauses import queries as pause_queries
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.credentials.enrolment import ProofWrong
from nichandle.identity.signin.credentials.pausing import FactorTooYoung, lift_with_factor
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.factor_pages import NEW, add, enter
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from tests.support.people import app_code, set_up_app
from tests.support.post import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_the_owner_disowns_a_thiefs_factor_from_the_mail_that_tells_of_it(
    customer, visitor, post, clock
):
    seed, _codes = set_up_app(customer, days_ago=30)
    thief = enter(customer, seed)
    clock.shift(timedelta(seconds=60))
    add(thief, "Thief's")
    link = re.search(r"/not-me/\S+", text_of(post.last_to(customer.email)))[0]

    answer = visitor.post(link, {"meaning": "not_me"})

    assert thief.get("/area").status_code == 302
    assert [app.name for app in Totp.objects.all()] == ["Telephone"]
    assert RecoveryCode.objects.count() == 10, "those from before still serve"
    assert visitor.post(answer.headers["Location"], {"password": NEW}).status_code == 302
    half = visitor.post("/signin", {"identifier": customer.handle, "password": NEW})
    assert half.headers["Location"].startswith("/signin/factor"), "factors stay in force"


def test_the_first_factor_of_a_thief_goes_with_its_codes(customer, visitor, post, clock):
    thief = customer.sign_in()
    clock.shift(timedelta(seconds=60))
    add(thief, "Thief's")
    link = re.search(r"/not-me/\S+", text_of(post.last_to(customer.email)))[0]

    visitor.post(link, {"meaning": "not_me"})

    assert not Totp.objects.exists()
    assert not RecoveryCode.objects.exists()


PAUSE = "/account/pause/factor"


def pause(person, origin, *, caused_days_ago: int = 0) -> None:
    now = timezone.now()
    caused_at = now - timedelta(days=caused_days_ago)
    pauses.begin(
        account_id=person.account.pk,
        cause="change_undone",
        caused_at=caused_at,
        act=Act(origin, now),
    )


def running(person) -> bool:
    return pause_queries.running(person.account.pk, now=timezone.now()) is not None


def test_a_factor_older_than_the_cause_ends_a_pause(customer, origin, clock):
    seed, codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    pause(customer, origin)
    assert PAUSE in browser.get("/account/pause").content.decode()

    assert browser.post(PAUSE, {"method": "code", "code": "BCDF-GHJK-LMNP-QRST"}).status_code == 422
    assert running(customer)
    clock.shift(timedelta(seconds=60))
    answer = browser.post(PAUSE, {"method": "app", "code": app_code(seed)})

    assert answer.headers["Location"] == "/account/pause"
    assert not running(customer)
    gone = browser.post(PAUSE, {"method": "code", "code": codes[0]})
    assert "No pause is running" in gone.content.decode()


def test_a_factor_set_up_since_the_cause_or_shortly_before_ends_none(customer, origin, clock):
    _seed, codes = set_up_app(customer, days_ago=10)
    Totp.objects.update(at_creation=False)
    RecoveryCode.objects.update(at_creation=False)
    visit = Visit(origin, timezone.now())
    pause(customer, origin, caused_days_ago=4)

    with pytest.raises(FactorTooYoung):
        lift_with_factor(customer.account.pk, answer=Answer("code", codes[0]), visit=visit)

    assert running(customer)
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


@pytest.mark.parametrize(
    ("set_up", "ends"), [("before", True), ("at once", False), ("after", False)]
)
def test_of_the_factors_of_the_first_day_those_from_before_the_cause_end_a_pause(
    customer, origin, clock, set_up, ends
):
    """Set at creation it counts as established, though not for what had happened by then."""
    event = timezone.now() + timedelta(seconds=60)
    clock.move_to(event + timedelta(seconds={"before": -60, "at once": 0, "after": 60}[set_up]))
    seed, codes = set_up_app(customer)
    assert Totp.objects.get().at_creation
    clock.move_to(event + timedelta(minutes=5))
    browser = enter(customer, seed)
    pauses.begin(
        account_id=customer.account.pk,
        cause="change_undone",
        caused_at=event,
        act=Act(origin, timezone.now()),
    )

    browser.post(PAUSE, {"method": "code", "code": codes[0]})

    assert running(customer) is not ends


def test_a_wrong_proof_stands_in_the_ledger(customer, origin):
    set_up_app(customer, days_ago=30)
    with pytest.raises(ProofWrong, match="Tries left: 9"):
        enrolment.make_codes(
            customer.account.pk,
            answer=Answer("app", "000000"),
            key="",
            visit=Visit(origin, timezone.now()),
        )
    assert next(iter(ledger.entries_of(customer.account.pk).rows)).act == "factors.proof_wrong"
