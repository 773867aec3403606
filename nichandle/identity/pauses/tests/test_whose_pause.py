"""Pauses of two accounts beside each other: how long, whose, held by what, and who is entitled."""

from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.pauses import operations, queries
from nichandle.identity.pauses.acts import CAUSES, SENSITIVE
from nichandle.identity.pauses.models import Pause
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.operations import left
from nichandle.platform.outbox.models import Mail
from tests.support.post import waiting_code

pytestmark = pytest.mark.django_db
A_SECOND, AN_HOUR, A_DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
LASTS = {
    "reset_by_recovery": timedelta(hours=72),
    "change_by_silence": timedelta(days=7),
    "change_undone": timedelta(hours=72),
    "not_me": timedelta(days=7),
    "case_effect": timedelta(days=7),
}
"""From the design, so that a change of one is a decision."""


@pytest.fixture
def now():
    """Later than the accounts, whose addresses were proven when they were made."""
    return timezone.now() + timedelta(minutes=1)


@pytest.fixture
def act(origin, now) -> Act:
    return Act(origin, now)


def begin(person, act, cause="change_undone", **more) -> Pause:
    operations.begin(account_id=person.account.pk, cause=cause, act=act, **more)
    return Pause.objects.filter(account=person.account).latest("pk")


def running(person, now) -> list[str]:
    return [pause.cause for pause in queries.all_running(person.account.pk, now=now)]


def later(act: Act, much: timedelta) -> Act:
    return Act(act.origin, act.now + much)


def acts(person) -> list[str]:
    return [entry.act for entry in ledger.entries_of(person.account.pk).rows]


@pytest.mark.parametrize(("cause", "lasts"), LASTS.items())
def test_each_cause_pauses_for_its_time(customer, act, cause, lasts):
    pause = begin(customer, act, cause)

    assert CAUSES.keys() == LASTS.keys()
    assert (pause.began_at, pause.caused_at, pause.ends_at) == (act.now, act.now, act.now + lasts)
    assert running(customer, act.now + lasts - A_SECOND) == [cause]
    assert running(customer, act.now + lasts) == []
    entry = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert entry.act == "pause.began"
    told = {"cause": cause, "until": pause.ends_at.isoformat()}
    assert told.items() <= ledger.details_of(entry).items()


def test_only_who_has_lost_their_factors_may_set_up_new_ones_meanwhile():
    assert {name: set(cause.exempt) for name, cause in CAUSES.items() if cause.exempt} == {
        "case_effect": {"factor.add"}
    }


def test_a_pause_may_have_an_end_and_a_beginning_of_its_own(customer, act):
    pause = begin(
        customer,
        act,
        until=act.now + A_DAY,
        caused_at=act.now - AN_HOUR,
        caused_by="spare@example.net",
    )

    assert pause.ends_at == act.now + A_DAY
    assert pause.caused_at == act.now - AN_HOUR
    assert pause.caused_by == "spare@example.net"


def test_the_pause_that_ends_last_is_the_one_that_is_said(customer, act, now):
    begin(customer, act, "not_me")
    begin(customer, act, "change_undone")
    begin(customer, act, "case_effect")

    assert running(customer, now) == ["case_effect", "not_me", "change_undone"]
    with pytest.raises(operations.Paused) as refused:
        operations.require(customer.account.pk, "factor.add", now=now)
    assert refused.value.pause.cause == "not_me", "the first is no obstacle to this"
    assert queries.running(customer.account.pk, now=now).cause == "case_effect"


def test_renewed_it_lasts_from_then_and_knows_its_earliest_cause(customer, stranger, act):
    mine, other = begin(customer, act), begin(stranger, act)
    given = {"account_id": customer.account.pk, "cause": "change_undone"}

    assert not operations.renew(**given, caused_at=act.now - A_DAY, act=later(act, AN_HOUR))
    assert not operations.renew(**given, caused_at=act.now + A_DAY, act=act)

    mine.refresh_from_db()
    assert mine.ends_at == act.now + AN_HOUR + timedelta(hours=72)
    assert mine.caused_at == act.now - A_DAY
    unchanged = Pause.objects.get(pk=other.pk)
    assert (unchanged.ends_at, unchanged.caused_at) == (other.ends_at, other.caused_at)
    assert acts(customer).count("pause.began") == 1


@pytest.mark.parametrize("what", ["of another cause", "over"])
def test_what_is_no_such_pause_is_not_renewed_but_begun(customer, act, what):
    first = begin(customer, act, "not_me" if what == "of another cause" else "change_undone")
    after = act if what == "of another cause" else later(act, timedelta(hours=72))

    assert operations.renew(
        account_id=customer.account.pk,
        cause="change_undone",
        caused_at=act.now - A_DAY,
        act=after,
    )

    assert Pause.objects.get(pk=first.pk).ends_at == first.ends_at
    assert Pause.objects.latest("pk").caused_at == act.now - A_DAY
    assert acts(customer).count("pause.began") == 2


def test_held_by_a_case_it_runs_until_that_is_decided(customer, stranger, act, now):
    begin(customer, act)
    begin(stranger, act)
    for _twice in range(2):
        operations.hold(
            account_id=customer.account.pk, cause="change_undone", number="C-1", now=now
        )
    much_later = now + timedelta(days=400)

    assert running(customer, much_later) == ["change_undone"]
    assert running(stranger, much_later) == []
    assert queries.addresses_that_shorten(queries.all_running(customer.account.pk, now=now)) == []
    operations.release("C-2")
    assert running(customer, much_later) == ["change_undone"]
    operations.release("C-1")
    assert running(customer, much_later) == []
    assert running(customer, now) == ["change_undone"]


def test_for_a_second_case_of_its_kind_one_more_waits(customer, act, now):
    begin(customer, act, "not_me")
    begin(customer, act)
    for number in ("C-1", "C-2", "C-2"):
        operations.hold(
            account_id=customer.account.pk, cause="change_undone", number=number, now=now
        )

    held = Pause.objects.exclude(held_by="").order_by("held_by")
    assert [(row.held_by, row.cause) for row in held] == [
        ("C-1", "change_undone"),
        ("C-2", "change_undone"),
    ]
    assert running(customer, now) == ["change_undone", "change_undone", "not_me"]
    operations.release("C-1")
    assert len(running(customer, now + timedelta(days=400))) == 1


def test_a_code_that_was_mailed_ends_no_pause_that_is_held_since(customer, act, now):
    begin(customer, act)
    account_id = customer.account.pk
    operations.ask_to_shorten(account_id=account_id, address=customer.email, act=act)
    code = waiting_code("pauses/mail/code", customer.email)
    operations.hold(account_id=account_id, cause="change_undone", number="C-1", now=now)
    with pytest.raises(operations.AddressTooYoung):
        operations.shorten(account_id=account_id, code=code, act=act)
    operations.release("C-1")

    with pytest.raises((operations.PauseCodeWrong, operations.PauseCodeExpired)):
        operations.shorten(account_id=account_id, code=code, act=act)
    assert running(customer, now) == ["change_undone"]


def test_ending_ends_all_of_ones_own_and_is_entered_once(customer, stranger, act, now):
    for person in (customer, stranger):
        begin(person, act, "not_me")
        begin(person, act)
    operations.hold(account_id=customer.account.pk, cause="not_me", number="C-1", now=now)

    operations.lift(account_id=customer.account.pk, act=act)
    operations.lift(account_id=customer.account.pk, act=act)

    assert running(customer, now) == []
    assert running(customer, now + timedelta(days=400)) == []
    assert len(running(stranger, now)) == 2
    assert acts(customer).count("pause.lifted") == 1
    assert not Pause.objects.filter(account=customer.account, held_by="C-1").exists()


def test_many_are_paused_at_once_each_with_their_entry(customer, stranger, contact, act):
    causes = [(customer.account.pk, act.now - AN_HOUR), (stranger.account.pk, act.now - A_DAY)]

    operations.begin_all(causes, cause="change_by_silence", act=act)

    for account_id, caused_at in causes:
        pause = Pause.objects.get(account_id=account_id)
        assert (pause.caused_at, pause.began_at) == (caused_at, act.now)
        assert pause.ends_at == act.now + timedelta(days=7)
    assert acts(customer)[0] == acts(stranger)[0] == "pause.began"
    assert running(contact, act.now) == []


def test_when_pauses_end_is_asked_for_several_accounts_at_once(customer, stranger, contact, act):
    begin(customer, act, "not_me")
    begin(customer, act)
    begin(stranger, act)
    begin(contact, act)
    operations.lift(account_id=contact.account.pk, act=act)
    people = [person.account.pk for person in (customer, stranger, contact)]

    assert queries.ends_of(people, now=act.now) == {
        customer.account.pk: act.now + timedelta(days=7),
        stranger.account.pk: act.now + timedelta(hours=72),
    }
    assert queries.ends_of(people[1:], now=act.now + timedelta(hours=72)) == {}
    operations.hold(
        account_id=stranger.account.pk, cause="change_undone", number="C-1", now=act.now
    )
    end = act.now + timedelta(hours=72)
    assert queries.ends_of([stranger.account.pk], now=end) == {stranger.account.pk: end + AN_HOUR}


def test_for_how_long_an_act_has_waited(customer, stranger, act):
    begin(stranger, act, "not_me")
    begin(customer, act, "case_effect")
    first = begin(customer, later(act, A_DAY))
    operations.lift(account_id=customer.account.pk, act=later(act, 2 * A_DAY))
    account_id, start = customer.account.pk, act.now

    waited = queries.times_paused(account_id, "contact.hand_over", since=start + AN_HOUR)
    assert waited == [
        (start + AN_HOUR, start + 2 * A_DAY),
        (start + A_DAY, start + 2 * A_DAY),
    ]
    assert queries.times_paused(account_id, "factor.add", since=start) == [
        (start + A_DAY, start + 2 * A_DAY)
    ]
    assert queries.times_paused(account_id, "factor.add", since=start + 2 * A_DAY) == []
    assert first.ends_at == start + A_DAY + timedelta(hours=72)


def test_what_goes_on_waiting_waits_until_its_own_end(customer, act):
    first = begin(customer, act)
    operations.lift(account_id=customer.account.pk, act=later(act, AN_HOUR))
    second = begin(customer, later(act, A_DAY), "not_me")

    waited = queries.times_paused(customer.account.pk, "contact.hand_over", since=act.now)

    assert waited == [
        (first.began_at, act.now + AN_HOUR),
        (act.now + A_DAY, act.now + A_DAY + timedelta(days=7)),
    ]
    assert second.ends_at == waited[1][1]


@pytest.mark.parametrize(("before", "able"), [(A_SECOND, True), (timedelta(), False)])
def test_the_primary_address_ends_what_began_after_it_was_proven(customer, act, before, able):
    Account.objects.update(email_proven_at=act.now - before)
    begin(customer, act)

    found = queries.addresses_that_shorten(queries.all_running(customer.account.pk, now=act.now))

    assert found == ([customer.email] if able else [])


def test_a_recovery_address_that_was_never_proven_ends_nothing(customer, act):
    customer.account.recovery_addresses.create(
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=act.now - 30 * A_DAY,
        proven_at=None,
    )
    begin(customer, act)

    found = queries.addresses_that_shorten(queries.all_running(customer.account.pk, now=act.now))

    assert found == [customer.email]


@pytest.mark.parametrize(
    ("age", "able"), [(timedelta(days=7), True), (timedelta(days=7) - A_SECOND, False)]
)
def test_an_address_that_was_seven_days_old_at_the_cause_may_end_it(customer, act, age, able):
    spare, proven = "spare@example.net", act.now - age
    customer.account.recovery_addresses.create(
        address=spare, address_key=spare, added_at=proven, proven_at=proven
    )
    begin(customer, act)
    found = queries.addresses_that_shorten(queries.all_running(customer.account.pk, now=act.now))

    assert (spare in found) is able
    assert found[0] == customer.email


def test_what_an_address_itself_caused_it_does_not_end(customer, act):
    begin(customer, act, caused_by=customer.email)

    with pytest.raises(operations.AddressTooYoung):
        operations.ask_to_shorten(account_id=customer.account.pk, address=customer.email, act=act)
    assert left("pause.mail", key=str(customer.account.pk), now=act.now) == 4


def test_five_codes_a_day_and_the_newest_counts(customer, act):
    begin(customer, act, "not_me")
    given = {"account_id": customer.account.pk, "address": customer.email}
    operations.ask_to_shorten(**given, act=act)
    first = waiting_code("pauses/mail/code", customer.email)
    for _ in range(4):
        operations.ask_to_shorten(**given, act=act)
    with pytest.raises(Exhausted):
        operations.ask_to_shorten(**given, act=act)
    assert Mail.objects.filter(template="pauses/mail/code").count() == 5

    with pytest.raises(operations.PauseCodeWrong):
        operations.shorten(account_id=customer.account.pk, code=first, act=act)
    assert acts(customer)[0] == "pause.code_wrong"
    newest = waiting_code("pauses/mail/code", customer.email)
    operations.shorten(account_id=customer.account.pk, code=newest, act=act)
    assert running(customer, act.now) == []


def test_a_code_of_ones_own_ends_nobody_elses_pause(customer, stranger, act):
    for person in (customer, stranger):
        begin(person, act)
        operations.ask_to_shorten(
            account_id=person.account.pk, address=person.email, act=Act(Origin("", ""), act.now)
        )
    mine = waiting_code("pauses/mail/code", customer.email)

    with pytest.raises(operations.PauseCodeWrong):
        operations.shorten(account_id=stranger.account.pk, code=mine, act=act)
    operations.shorten(account_id=customer.account.pk, code=mine, act=act)

    assert running(customer, act.now) == []
    assert running(stranger, act.now) == ["change_undone"]
    assert SENSITIVE.keys() >= {"email.change"}
