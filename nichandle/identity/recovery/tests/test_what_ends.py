"""What ends in getting back in: to the last second, and nothing of somebody else's with it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.notme.operations import mint
from nichandle.identity.recovery import links, not_me, operations
from nichandle.identity.recovery.jobs import clear_old
from nichandle.identity.recovery.models import PasswordHold, PasswordReset, ResetStop
from nichandle.identity.recovery.queries import valid_link, why_no_reset, why_no_stop
from nichandle.identity.recovery.receivers import give_back
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.operations import left, spend
from nichandle.platform.outbox.models import Mail
from tests.support.people import make_person

pytestmark = pytest.mark.django_db
SPARE = "spare@example.net"
A_SECOND, AN_HOUR, A_DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def both(customer, stranger):
    """Two customers, each with a link to the primary address and one to a recovery address."""
    now = timezone.now()
    for person in (customer, stranger):
        person.account.refresh_from_db()
        for address in (person.email, f"spare-{person.email}"):
            links.make(person.account, address, now=now)
        ResetStop.objects.create(
            account=person.account,
            digest=person.handle,
            created_at=now,
            expires_at=now + AN_HOUR,
        )
    return customer, stranger


def good(person, **more) -> int:
    return PasswordReset.objects.filter(account=person.account, ended_at=None, **more).count()


def disowning(person, *, at, address: str = "") -> str:
    return mint(
        account_id=person.account.pk,
        event="signin.succeeded",
        address=address or person.email,
        event_at=at,
        now=at,
    )


def test_ones_own_links_are_voided_and_nobody_elses(both):
    customer, stranger = both

    links.end_links(customer.account.pk, now=timezone.now())

    assert (good(customer), good(stranger)) == (0, 2)


@pytest.mark.parametrize("by_recovery", [False, True])
def test_links_of_one_kind_are_voided_and_the_others_stay(both, by_recovery):
    customer, stranger = both

    links.end_links(customer.account.pk, now=timezone.now(), by_recovery=by_recovery)

    assert good(customer, by_recovery=by_recovery) == 0
    assert good(customer, by_recovery=not by_recovery) == 1
    assert good(stranger) == 2


def test_beginning_anew_gives_back_ones_own_allowances_alone(both):
    customer, stranger = both
    now = timezone.now()
    for limit in ("recovery.account", "recovery.elsewhere"):
        for person in both:
            for _ in range(3):
                spend(limit, key=str(person.account.pk), now=now)

    links.begin_anew(customer.account.pk, now=now)

    assert (good(customer), good(stranger)) == (0, 2)
    for limit in ("recovery.account", "recovery.elsewhere"):
        assert left(limit, key=str(customer.account.pk), now=now) == 5
        assert left(limit, key=str(stranger.account.pk), now=now) == 2


def test_another_address_voids_links_and_stops_of_its_account_alone(both):
    customer, stranger = both
    now = timezone.now()
    for person, ago in ((customer, AN_HOUR), (customer, A_DAY + AN_HOUR), (stranger, AN_HOUR)):
        ResetStop.objects.create(
            account=person.account,
            digest=f"used {person.handle} {ago}",
            created_at=now - ago,
            expires_at=now - ago + AN_HOUR,
            used_at=now - ago,
        )

    links.void_all([customer.account.pk], now=now)

    assert (good(customer), good(stranger)) == (0, 2)
    stops = ResetStop.objects.order_by("pk")
    mine, other = (stops.filter(account=person.account) for person in both)
    assert why_no_stop(mine[0], now=now) == "expired"
    assert not why_no_stop(other[0], now=now)
    # What was stopped within the day is stopped no longer; what is older stays in the books.
    assert [row.used_at for row in mine if row.used_at] == [now - A_DAY - AN_HOUR]
    assert other.filter(used_at__isnull=False).exists()


def test_a_link_says_what_became_of_it_to_the_second(customer):
    now = timezone.now()
    customer.account.refresh_from_db()
    secret = links.make(customer.account, customer.email, now=now)
    row = PasswordReset.objects.get()

    assert valid_link(secret, now=now + AN_HOUR - A_SECOND) == row
    assert valid_link(secret, now=now + AN_HOUR) is None
    assert why_no_reset(secret, now=now + AN_HOUR - A_SECOND) == "ended"
    assert why_no_reset(secret, now=now + AN_HOUR) == "expired"
    assert not row.by_recovery
    links.make(customer.account, SPARE, now=now)
    assert PasswordReset.objects.latest("pk").by_recovery


def test_links_are_kept_for_thirty_days_after_their_end(both):
    end = timezone.now() + AN_HOUR
    PasswordReset.objects.update(expires_at=end)
    ResetStop.objects.update(expires_at=end)

    clear_old(now=end + timedelta(days=30))
    assert (PasswordReset.objects.count(), ResetStop.objects.count()) == (4, 2)
    assert operations.clear_old(now=end + timedelta(days=30) + A_SECOND) == 4
    assert not ResetStop.objects.exists()


@pytest.mark.parametrize(("later", "effect"), [(A_DAY - A_SECOND, False), (A_DAY, True)])
def test_an_address_says_nothing_new_for_a_day(customer, origin, later, effect):
    now = timezone.now()
    first, second = (disowning(customer, at=now + A_SECOND * n) for n in (0, 2))
    at = now + A_SECOND
    assert not_me.disown(secret=first, act=Act(origin, at)).effect

    assert not_me.disown(secret=second, act=Act(origin, at + later)).effect is effect


def test_what_happened_before_it_was_said_is_said_by_it(customer, origin):
    """Of the same moment too: the event came first."""
    now = timezone.now()
    secrets = [disowning(customer, at=now + A_SECOND * n) for n in (0, 1, 2)]
    said = now + A_SECOND
    assert not_me.disown(secret=secrets[0], act=Act(origin, said)).effect
    much_later = said + timedelta(days=2)

    assert not not_me.disown(secret=secrets[1], act=Act(origin, much_later)).effect
    assert not_me.disown(secret=secrets[2], act=Act(origin, much_later)).effect


def test_what_one_says_is_of_ones_own_account(customer, stranger, origin):
    now = timezone.now()
    other = stranger.sign_in()
    hash_before = stranger.account.password

    not_me.disown(secret=disowning(customer, at=now), act=Act(origin, now + A_SECOND))

    assert other.get("/area").status_code == 200
    stranger.account.refresh_from_db()
    assert stranger.account.password == hash_before
    assert [hold.account_id for hold in PasswordHold.objects.all()] == [customer.account.pk]
    entry = next(
        row for row in ledger.entries_of(customer.account.pk).rows if row.act == "account.disowned"
    )
    assert ledger.details_of(entry)["event"] == "signin.succeeded"


@pytest.mark.parametrize(("later", "young"), [(-A_SECOND, False), (timedelta(), True)])
def test_a_young_address_sets_no_password_for_seven_days(customer, origin, post, later, young):
    """Then it does, if it is established by the clock."""
    now = timezone.now()
    proven = now - timedelta(days=3)
    customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=proven, proven_at=proven
    )
    not_me.disown(secret=disowning(customer, at=now), act=Act(origin, now + A_SECOND))
    customer.account.refresh_from_db()
    Mail.objects.all().delete()

    links.send(
        customer.account,
        by_recovery=True,
        act=Act(origin, now + A_SECOND + timedelta(days=7) + later),
    )

    sent = Mail.objects.filter(template="recovery/mail/reset_link", recipient=SPARE)
    assert sent.exists() is young


def test_what_goes_to_recovery_addresses_is_told_entered_and_counted_apart(customer, origin):
    now = timezone.now()
    proven = now - timedelta(days=8)
    customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=proven, proven_at=proven
    )
    customer.account.refresh_from_db()

    links.send(customer.account, by_recovery=True, act=Act(origin, now))

    key = str(customer.account.pk)
    assert left("recovery.elsewhere", key=key, now=now) == 4
    assert left("recovery.account", key=key, now=now) == 5
    entry = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert entry.act == "password.reset_asked"
    assert ledger.details_of(entry)["by_recovery"] is True
    stop = ResetStop.objects.get()
    assert (stop.created_at, stop.expires_at) == (now, now + AN_HOUR)


@pytest.mark.parametrize(("late", "works"), [(A_DAY - A_SECOND, True), (A_DAY, False)])
def test_the_link_of_who_gets_the_account_back_lasts_a_day(both, origin, late, works):
    customer, stranger = both
    now = timezone.now()
    PasswordHold.objects.create(
        account=stranger.account,
        address=stranger.email,
        since=now,
        disowned_at=now,
        case="1",
        said_by={},
    )
    before = set(PasswordReset.objects.values_list("digest", flat=True))

    give_back(account_id=customer.account.pk, act=Act(origin, now))

    assert (good(customer), good(stranger)) == (1, 2)
    assert PasswordHold.objects.count() == 1
    made = PasswordReset.objects.exclude(digest__in=before).get()
    assert made.address == customer.email
    row = PasswordReset.objects.filter(pk=made.pk, expires_at__gt=now + late)
    assert row.exists() is works
    mail = Mail.objects.get(template="recovery/mail/given_back")
    assert mail.recipient == customer.email


def test_a_stop_is_too_late_for_ones_own_reset_alone(both):
    customer, stranger = both
    stop = ResetStop.objects.get(account=customer.account)
    now = stop.created_at
    theirs = PasswordReset.objects.filter(account=stranger.account, by_recovery=True)
    theirs.update(used_at=now)
    mine = PasswordReset.objects.filter(account=customer.account)
    mine.filter(by_recovery=False).update(used_at=now)
    mine.filter(by_recovery=True).update(used_at=now - A_SECOND)
    assert not why_no_stop(stop, now=now)

    mine.filter(by_recovery=True).update(used_at=now)

    assert why_no_stop(stop, now=now) == "late"
    assert why_no_stop(None, now=now) == "unknown"


def test_somebody_unknown_gets_nothing_and_breaks_nothing(db, origin):
    now = timezone.now()
    make_person("diane@example.org")
    for typed in ("nobody@example.org", "zz000000-OVH", "", "é"):
        payload = {
            "typed": tokens.seal(typed, operations.TYPED),
            "ip": "",
            "agent": "",
            "by_recovery": True,
        }
        operations.send_link(payload, now=now)
        operations.send_identifiers(payload, now=now)

    assert not PasswordReset.objects.exists()
    assert not Mail.objects.filter(template__startswith="recovery/mail").exists()
