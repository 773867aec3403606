"""The list of signed-in devices: what it says of each, in which order, and until when."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions import queries
from nichandle.identity.signin.sessions.opening import NewSession, open_session
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.kernel.reading.questions import answered

pytestmark = pytest.mark.django_db
A_SECOND = timedelta(seconds=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


def opened(person, *, at, ip: str = "203.0.113.7", stay: bool = False, **more) -> NewSession:
    act = Act(Origin(ip, FIREFOX), at)
    return open_session(account_id=person.account.pk, stay=stay, act=act, **more)


def used(session: NewSession, at) -> None:
    found = queries.live_session(session.key, now=at)
    assert found
    Session.objects.filter(pk=found.session_id).update(last_used_at=at)


def live(person, at) -> int:
    return answered(queries.number_asked(person.account.pk, now=at))


def test_each_is_told_with_browser_network_and_times_ones_own_first(customer, stranger, now):
    first = opened(customer, at=now, ip="198.51.100.9")
    opened(customer, at=now + A_SECOND, ip="2001:db8::1")
    opened(stranger, at=now)
    later = now + timedelta(minutes=5)
    used(first, later)

    told = queries.devices(customer.account.pk, key=first.key, now=later).rows

    assert [(one.network, one.current) for one in told] == [
        ("198.51.100.9", True),
        ("2001:db8::1", False),
    ]
    assert {one.browser for one in told} == {"Firefox 145, Linux"}
    assert (told[0].began_at, told[0].used_at) == (now, later)
    others = queries.devices(customer.account.pk, key=None, now=later).rows
    assert [one.current for one in others] == [False, False]
    assert live(customer, later) == 2


def test_a_network_that_is_not_known_is_said_as_nothing(customer, now):
    open_session(account_id=customer.account.pk, stay=False, act=Act.by_itself(now))

    (told,) = queries.devices(customer.account.pk, key=None, now=now).rows
    assert told.network == ""


def test_the_last_used_comes_first_and_every_page_holds_twenty_five(customer, stranger, now):
    sessions = [opened(customer, at=now) for _ in range(51)]
    opened(stranger, at=now)
    used(sessions[50 - 10], now + A_SECOND)
    account_id, own = customer.account.pk, sessions[0].key

    first = queries.devices(account_id, key=own, now=now + A_SECOND)
    second = queries.devices(account_id, key=own, now=now + A_SECOND, after=first.next)
    third = queries.devices(account_id, key=own, now=now + A_SECOND, after=second.next)

    assert [len(page.rows) for page in (first, second, third)] == [26, 25, 0]
    assert (first.rows[0].current, first.rows[1].used_at) == (True, now + A_SECOND)
    assert third.next == ""
    shown = [row.session_id for page in (first, second, third) for row in page.rows]
    assert len(set(shown)) == 51


def test_of_a_hundred_and_one_sessions_a_hundred_are_counted(customer, stranger, now):
    for _ in range(101):
        opened(customer, at=now)
    opened(stranger, at=now)

    assert live(customer, now) == 100
    assert live(stranger, now) == 1


@pytest.mark.parametrize(
    ("stay", "lasts"), [(False, timedelta(minutes=30)), (True, timedelta(days=14))]
)
def test_an_idle_session_lives_to_its_last_second(customer, now, stay, lasts):
    session = opened(customer, at=now, stay=stay)

    assert queries.live_session(session.key, now=now + lasts - A_SECOND)
    assert queries.live_session(session.key, now=now + lasts) is None
    assert live(customer, now + lasts - A_SECOND) == 1
    assert live(customer, now + lasts) == 0


def test_a_session_in_use_lives_thirty_days(customer, now):
    session, end = opened(customer, at=now, stay=True), now + timedelta(days=30)
    Session.objects.update(last_used_at=end - A_SECOND)

    assert session.expires_at == end
    assert queries.live_session(session.key, now=end - A_SECOND)
    assert queries.live_session(session.key, now=end) is None


def test_a_session_is_of_its_account_and_of_nobody_else(customer, stranger, now):
    mine, other = opened(customer, at=now), opened(stranger, at=now)

    found = queries.live_session(mine.key, now=now)
    assert (found.id, found.handle, found.email) == (
        customer.account.pk,
        customer.handle,
        customer.email,
    )
    assert queries.live_session(other.key, now=now).id == stranger.account.pk
    assert queries.live_session("made up", now=now) is None


def test_the_session_before_ends_and_the_neighbours_stay(customer, stranger, now):
    before, other = opened(customer, at=now), opened(stranger, at=now)

    opened(customer, at=now, replaces=before.key)

    assert queries.live_session(before.key, now=now) is None
    assert queries.live_session(other.key, now=now)
    assert Session.objects.count() == 2


@pytest.mark.parametrize(
    ("age", "fresh"), [(timedelta(minutes=10) - A_SECOND, True), (timedelta(minutes=10), False)]
)
def test_a_session_is_fresh_for_ten_minutes(customer, now, age, fresh):
    found = queries.live_session(opened(customer, at=now).key, now=now)

    assert found.fresh(now + age) is fresh


@pytest.mark.parametrize(
    ("age", "just"), [(timedelta(seconds=59), True), (timedelta(seconds=60), False)]
)
def test_a_key_exchanged_a_moment_ago_is_known_as_such(customer, stranger, now, age, just):
    opened(customer, at=now)
    opened(stranger, at=now)
    Session.objects.filter(account=customer.account).update(
        former_digest="5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"
    )

    assert queries.just_renewed("password", now=now + age) is just
    assert not queries.just_renewed("another", now=now)


def test_how_the_frame_names_who_is_signed_in(customer, now):
    found = queries.live_session(opened(customer, at=timezone.now()).key, now=timezone.now())

    assert (found.name, found.first_name, found.short_name) == (
        "Diane Mercier",
        "Diane",
        "D. Mercier",
    )
    assert not found.opening
