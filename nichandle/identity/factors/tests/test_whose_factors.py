"""Factors of two accounts beside each other: whose they are, since when, and for how long."""

import json
from datetime import timedelta

import pyotp
import pytest

from nichandle.identity.factors import ceremony, jobs, operations, recovery_codes, totp
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import (
    RecoveryCode,
    SecurityKey,
    SpentChallenge,
    Totp,
    TrustedBrowser,
)
from nichandle.identity.factors.operations import Proof
from nichandle.identity.factors.queries import factors_of, has_factor, trusted_browsers
from nichandle.identity.factors.receivers import give_up_lost, take_back
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db
A_SECOND, AN_HOUR, A_DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
WEEK = timedelta(days=7)


def app_of(person, *, at, name: str = "Telephone", at_creation: bool = False) -> tuple[Totp, str]:
    seed = pyotp.random_base32()
    made = Totp.objects.create(
        account=person.account,
        name=name,
        seed=tokens.seal(seed, totp.SEED),
        seed_digest=totp.seed_digest(seed),
        last_step=0,
        at_creation=at_creation,
        created_at=at,
    )
    return made, seed


def key_of(person, *, at, name: str = "Grey key") -> SecurityKey:
    return SecurityKey.objects.create(
        account=person.account,
        name=name,
        credential_id=f"{person.handle} {name}",
        public_key=b"",
        sign_count=0,
        discoverable=True,
        user_verified=True,
        created_at=at,
    )


def everything(person, at) -> None:
    app_of(person, at=at)
    key_of(person, at=at)
    recovery_codes.replace_all(person.account.pk, at_creation=False, now=at)
    operations.trust(person.account.pk, browser="theirs", act=Act.by_itself(at))


def left_of(person) -> dict[str, int]:
    rows = {"apps": Totp, "keys": SecurityKey, "codes": RecoveryCode, "trust": TrustedBrowser}
    return {
        name: model.objects.filter(account=person.account).count() for name, model in rows.items()
    }


ALL = {"apps": 1, "keys": 1, "codes": 10, "trust": 1}


def prove(person, method, code, now):
    return operations.prove(person.account.pk, Answer(method, code), purpose="test", now=now)


# Established.


@pytest.mark.parametrize(
    ("age", "at_creation", "established"),
    [(WEEK, False, True), (WEEK - A_SECOND, False, False), (A_SECOND, True, True)],
)
def test_a_factor_is_established_after_seven_days_or_from_the_first_day(
    customer, now, age, at_creation, established
):
    app, seed = app_of(customer, at=now - age, at_creation=at_creation)
    proof = prove(customer, "app", pyotp.TOTP(seed).at(now), now)

    assert app.established(now) is established
    assert proof.established(now) is established
    assert proof.established_before(now) is established
    assert app.established_before(now) is established
    assert bool(factors_of(customer.account.pk).established_before(now).apps) is established


@pytest.mark.parametrize(("earlier", "before"), [(A_SECOND, True), (timedelta(), False)])
def test_of_the_first_day_only_what_came_before_an_event_may_act_on_it(
    customer, now, earlier, before
):
    app, seed = app_of(customer, at=now - earlier, at_creation=True)
    key_of(customer, at=now - earlier)
    SecurityKey.objects.update(at_creation=True)
    recovery_codes.replace_all(customer.account.pk, at_creation=True, now=now - earlier)
    proof = prove(customer, "app", pyotp.TOTP(seed).at(now), now)
    found = factors_of(customer.account.pk).established_before(now)

    assert proof.established_before(now) is before
    assert app.established_before(now) is before
    assert (bool(found.apps), bool(found.keys), found.codes_left) == (before, before, 10 * before)


@pytest.mark.parametrize(
    ("age", "at_creation", "left"),
    [(WEEK, False, 10), (WEEK - A_SECOND, False, 0), (A_SECOND, True, 10)],
)
def test_recovery_codes_are_established_like_a_factor(customer, now, age, at_creation, left):
    recovery_codes.replace_all(customer.account.pk, at_creation=at_creation, now=now - age)
    found = factors_of(customer.account.pk)

    assert found.established_before(now).codes_left == left
    assert found.codes_left == 10


@pytest.mark.parametrize(
    ("opened", "at_creation"),
    [(A_DAY - A_SECOND, True), (A_DAY, False), (None, True)],
)
def test_the_first_day_is_a_day(customer, now, opened, at_creation):
    """Before the details are there, the account is not open yet."""
    account = customer.account
    account.opened_at = now - opened if opened is not None else None
    seed = pyotp.random_base32()
    setup = totp.Setup(seed, "")

    made = operations.add_totp(
        account, setup=setup, name=" Tele\tphone ", code=pyotp.TOTP(seed).at(now), now=now
    )
    operations.make_codes(account, now=now)

    assert made.at_creation is at_creation
    assert RecoveryCode.objects.filter(at_creation=at_creation).count() == 10
    assert made.created_at == now
    assert made.last_step == int(now.timestamp()) // 30


def test_a_young_factor_takes_no_older_one_away_nor_itself(customer, now):
    old, young = (app_of(customer, at=now - age)[0] for age in (A_DAY * 3, A_DAY))
    key = key_of(customer, at=now - A_DAY)
    same = Proof("app", "", young.created_at, at_creation=False, factor_id=young.pk)
    week = Proof("app", "", now - WEEK, at_creation=False, factor_id=0)

    assert not same.may_remove(young, now)
    assert not same.may_remove(old, now)
    assert same.may_remove(key, now), "of the same moment it is no older one"
    assert week.may_remove(old, now)
    key.pk = young.pk
    assert same.may_remove(key, now), "a key may have the number of an app"
    assert same.may_replace_codes(None, now)
    assert same.may_replace_codes(young.created_at, now)
    assert not same.may_replace_codes(young.created_at - A_SECOND, now)
    assert week.may_replace_codes(now - A_DAY * 30, now)


# What belongs to whom.


def test_taken_away_since_an_event_and_nothing_older_nor_anybody_elses(customer, stranger, now):
    act = Act.by_itself(now)
    app_of(customer, at=now - A_SECOND, name="Old")
    app_of(customer, at=now, name="Thief's")
    key_of(customer, at=now, name="Thief's key")
    recovery_codes.replace_all(customer.account.pk, at_creation=False, now=now - A_SECOND)
    everything(stranger, now)

    take_back(account_id=customer.account.pk, since=now, act=act)

    assert left_of(customer) == {"apps": 1, "keys": 0, "codes": 10, "trust": 0}
    assert Totp.objects.get(account=customer.account).name == "Old"
    assert left_of(stranger) == ALL
    entry = next(iter(ledger.entries_of(customer.account.pk).rows))
    assert entry.act == "factors.removed"
    assert ledger.details_of(entry)["name"] == "Thief's, Thief's key"


def test_with_the_last_one_since_an_event_the_codes_go_however_old(customer, stranger, now):
    app_of(customer, at=now)
    for person in (customer, stranger):
        recovery_codes.replace_all(person.account.pk, at_creation=False, now=now - A_DAY)

    take_back(account_id=customer.account.pk, since=now, act=Act.by_itself(now))

    assert left_of(customer)["codes"] == 0
    assert left_of(stranger)["codes"] == 10


def test_codes_made_since_an_event_go_though_no_factor_was_set_up(customer, stranger, now):
    for person in (customer, stranger):
        app_of(person, at=now - A_DAY)
        recovery_codes.replace_all(person.account.pk, at_creation=False, now=now)
    before = len(ledger.entries_of(customer.account.pk).rows)

    take_back(account_id=customer.account.pk, since=now, act=Act.by_itself(now))

    assert left_of(customer) == {"apps": 1, "keys": 0, "codes": 0, "trust": 0}
    assert left_of(stranger)["codes"] == 10
    assert len(ledger.entries_of(customer.account.pk).rows) == before


@pytest.mark.parametrize(("about_factors", "left"), [(True, 0), (False, 1)])
def test_a_case_takes_factors_where_it_was_about_them_and_of_its_account_alone(
    customer, stranger, now, about_factors, left
):
    for person in (customer, stranger):
        everything(person, now)

    give_up_lost(account_id=customer.account.pk, factors=about_factors)

    assert left_of(customer) == {name: count * left for name, count in ALL.items()}
    assert left_of(stranger) == ALL


@pytest.mark.parametrize(("last", "codes"), [(False, 10), (True, 0)])
def test_a_removed_factor_ends_trust_and_the_last_one_the_codes(
    customer, stranger, now, last, codes
):
    for person in (customer, stranger):
        everything(person, now)

    operations.remove(Totp.objects.get(account=customer.account), last=last)

    assert left_of(customer) == {"apps": 0, "keys": 1, "codes": codes, "trust": 0}
    assert left_of(stranger) == ALL


def test_new_codes_void_ones_own_alone(customer, stranger, now):
    mine = recovery_codes.replace_all(customer.account.pk, at_creation=False, now=now)
    other = recovery_codes.replace_all(stranger.account.pk, at_creation=False, now=now)
    again = recovery_codes.replace_all(customer.account.pk, at_creation=False, now=now)

    assert prove(customer, "code", mine[0], now) is None
    assert prove(customer, "code", other[0], now) is None
    assert prove(customer, "code", again[0], now).method == "code"
    assert prove(stranger, "code", other[0], now).method == "code"
    assert len({*mine, *again}) == 20
    assert factors_of(customer.account.pk).codes_left == 9


def test_a_code_is_taken_once_and_says_since_when_it_is(customer, now):
    (first, *_others) = recovery_codes.replace_all(
        customer.account.pk, at_creation=True, now=now - A_DAY
    )
    proof = prove(customer, "code", first, now)

    assert (proof.since, proof.at_creation, proof.factor_id) == (now - A_DAY, True, None)
    assert prove(customer, "code", first, now) is None
    assert RecoveryCode.objects.get(used_at__isnull=False).used_at == now


def test_an_app_proves_for_its_account_alone_and_once(customer, stranger, now):
    app, seed = app_of(customer, at=now - A_DAY, name="Mine")
    app_of(stranger, at=now - A_DAY)
    code = pyotp.TOTP(seed).at(now)

    assert prove(stranger, "app", code, now) is None
    proof = prove(customer, "app", code, now)
    assert (proof.method, proof.name, proof.since) == ("app", "Mine", now - A_DAY)
    assert proof.factor_id == app.pk
    assert prove(customer, "app", code, now) is None
    app.refresh_from_db()
    assert app.last_used_at == now
    assert app.last_step == int(now.timestamp()) // 30


def test_whether_one_has_a_factor_is_not_answered_for_a_neighbour(customer, stranger, now):
    assert not has_factor(customer.account.pk)
    everything(stranger, now)
    assert not has_factor(customer.account.pk)
    recovery_codes.replace_all(customer.account.pk, at_creation=False, now=now)
    assert not has_factor(customer.account.pk), "codes alone are none"
    assert not factors_of(customer.account.pk).any
    key_of(customer, at=now)
    assert has_factor(customer.account.pk)
    assert factors_of(customer.account.pk).methods == ["key", "code"]
    assert factors_of(customer.account.pk).count == 1


def test_twenty_are_enough(customer, now):
    for number in range(19):
        app_of(customer, at=now, name=str(number))
    operations.room_for_one(factors_of(customer.account.pk))
    key_of(customer, at=now)

    with pytest.raises(operations.TooManyFactors):
        operations.room_for_one(factors_of(customer.account.pk))


def test_a_factor_is_found_by_kind_and_number_and_left_out_by_itself(customer, now):
    app, key = app_of(customer, at=now)[0], key_of(customer, at=now)
    found = factors_of(customer.account.pk)

    assert found.find("app", app.pk) == app
    assert found.find("key", key.pk) == key
    assert found.find("key", key.pk + 1) is None
    assert found.without(app).all == [key]
    assert found.without(key).all == [app]


# For how long.


def test_trust_lasts_thirty_days_and_ends_with_ones_own_alone(customer, stranger, now):
    for person in (customer, stranger):
        operations.trust(person.account.pk, browser="b", act=Act.by_itself(now))
        operations.trust(person.account.pk, browser="b", act=Act.by_itself(now))
    end = now + timedelta(days=30)

    assert len(trusted_browsers(customer.account.pk, now=end - A_SECOND)) == 1
    assert trusted_browsers(customer.account.pk, now=end) == []
    assert operations.end_trust(customer.account.pk) == 1
    assert left_of(stranger)["trust"] == 1


def test_what_is_over_is_cleared_to_the_second(customer, now):
    operations.trust(customer.account.pk, browser="b", act=Act.by_itself(now))
    SpentChallenge.objects.create(digest="c", spent_at=now)
    end = now + timedelta(days=30)

    jobs.clear_old(now=now + timedelta(hours=2))
    assert SpentChallenge.objects.exists()
    assert operations.clear_old(now=now + timedelta(hours=2) + A_SECOND) == 1
    assert operations.clear_old(now=end) == 0
    assert operations.clear_old(now=end + A_SECOND) == 1


@pytest.mark.parametrize(
    ("age", "opens"), [(timedelta(), True), (AN_HOUR - A_SECOND, True), (AN_HOUR, False)]
)
def test_a_square_is_good_for_an_hour_for_its_account(customer, stranger, now, age, opens):
    setup = totp.new_setup(customer.account.pk, now=now)

    assert totp.opened_setup(setup.sealed, customer.account.pk, now=now + age) == (
        setup if opens else None
    )
    assert totp.opened_setup(setup.sealed, stranger.account.pk, now=now + age) is None
    assert totp.opened_setup(setup.sealed, customer.account.pk, now=now - A_SECOND) is None
    assert len(setup.seed) * 5 == 160
    assert setup.written.replace(" ", "") == setup.seed


@pytest.mark.parametrize(
    ("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
def test_a_clock_may_be_off_by_one_step_of_thirty_seconds(now, steps, fits):
    seed, step = pyotp.random_base32(), int(now.timestamp()) // 30
    code = pyotp.TOTP(seed).generate_otp(step + steps)

    found = totp.matching_step(seed, code, after=0, now=now)
    assert found == (step + steps if fits else None)
    if fits:
        assert totp.matching_step(seed, code, after=step + steps - 1, now=now) == step + steps
        assert totp.matching_step(seed, code, after=step + steps, now=now) is None


def test_the_names_of_factors_are_cleaned_and_cut(customer, now):
    app = app_of(customer, at=now)[0]
    other = app_of(customer, at=now, name="Other")[0]

    operations.rename(app, f" a\u202eb {'x' * 80}")

    app.refresh_from_db()
    other.refresh_from_db()
    assert len(app.name) == 60
    assert "\u202e" not in app.name
    assert other.name == "Other"


def test_seeds_of_all_are_renewed_in_turns(customer, stranger, now, settings, monkeypatch):
    monkeypatch.setattr(operations, "AT_ONCE", 2)
    seeds = [app_of(person, at=now)[1] for person in (customer, stranger, customer)]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    second = Totp.objects.order_by("pk")[1].pk

    assert operations.renew_seeds() == second
    assert operations.renew_seeds(after=second) == 0
    settings.SECRET_KEY_FALLBACKS = []
    assert [tokens.unseal(app.seed, totp.SEED) for app in Totp.objects.order_by("pk")] == seeds


@pytest.mark.parametrize(
    ("base", "host"),
    [("https://clients.example:8443/area", "clients.example"), ("", "localhost")],
)
def test_keys_are_bound_to_the_host_of_the_base_address(customer, now, settings, base, host):
    settings.BASE_URL = base
    asked = ceremony.ask_to_prove(purpose="test", keys=[], verified=True, now=now)

    assert json.loads(asked.options)["rpId"] == host
