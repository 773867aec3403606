"""Setting factors up and taking them away: what it needs, what it ends, who is told."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.pauses import queries as pause_queries
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.credentials.enrolment import LongPasswordNeeded, ProofWrong
from nichandle.identity.signin.credentials.pausing import FactorTooYoung, lift_with_factor
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions import queries
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, RECOVERY_CODE, app_code, set_up_app
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
FACTORS = "/account/security/factors"
NEW = "carafe violette sur le quai"
SHORT = "zv9!kQ2p"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(timezone.now(), tick=False) as travelling:
        yield travelling


def setup_of(browser: Client) -> tuple[str, str]:
    page = browser.get(f"{FACTORS}/app").content.decode()
    seed = re.search(r'class="seed">([A-Z2-7 ]+)<', page)
    sealed = re.search(r'name="setup" value="([^"]+)"', page)
    return seed[1].replace(" ", ""), sealed[1]


def add(browser: Client, name: str = "Tablet", **more: str):
    seed, sealed = setup_of(browser)
    given = {"name": name, "setup": sealed, "code": app_code(seed), **more}
    return browser.post(f"{FACTORS}/app", given), seed


def enter(person, seed: str, browser: Client | None = None) -> Client:
    """Sign in with the password and the code of an app."""
    browser = browser or person.browser
    answer = browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/signin/factor")
    answer = browser.post("/signin/factor", {"method": "app", "code": app_code(seed)})
    assert answer.status_code == 302, answer.content.decode()
    return browser


def remove(browser: Client, factor: Totp, method: str, code: str, **more: str):
    address = f"{FACTORS}/app/{factor.pk}/remove"
    return browser.post(address, {"method": method, "code": code, **more})


def told(template: str) -> set[str]:
    rows = Mail.objects.filter(template=f"signin/mail/{template}")
    return set(rows.values_list("recipient", flat=True))


def test_the_page_shows_a_square_and_the_same_key_in_letters(customer):
    page = customer.sign_in().get(f"{FACTORS}/app").content.decode()

    assert '<svg viewBox="0 0 ' in page
    assert "style=" not in page
    assert re.search(r'class="seed">([A-Z2-7]{4} ){7}[A-Z2-7]{4}<', page)


def test_an_app_is_set_up_with_its_first_code_and_its_seed_is_sealed(customer):
    seed, codes = set_up_app(customer)
    app = Totp.objects.get()

    assert app.name == "Telephone"
    assert seed not in str(Totp.objects.values())
    assert len(set(codes)) == 10
    assert (
        ledger.entries_of(customer.account.pk, ledger.LedgerFilter("factors")).rows[0].act
        == "factors.added"
    )


def test_with_a_wrong_code_the_same_square_stays_and_nothing_is_stored(customer):
    browser = customer.sign_in()
    seed, sealed = setup_of(browser)
    answer = browser.post(f"{FACTORS}/app", {"name": "x", "setup": sealed, "code": "000000"})

    assert answer.status_code == 422
    assert f'value="{sealed}"' in answer.content.decode()
    assert not Totp.objects.exists()
    right = browser.post(f"{FACTORS}/app", {"name": "x", "setup": sealed, "code": app_code(seed)})
    assert right.status_code == 200


def test_a_setup_of_somebody_else_or_an_hour_old_or_used_is_worth_nothing(
    customer, stranger, clock
):
    seed, theirs = setup_of(stranger.sign_in())
    browser = customer.sign_in()
    given = {"name": "x", "setup": theirs, "code": app_code(seed)}
    assert browser.post(f"{FACTORS}/app", given).status_code == 422

    answer, _seed = add(browser)
    assert answer.status_code == 200
    seed, sealed = setup_of(browser)
    given = {"name": "x", "setup": sealed, "code": app_code(seed)}
    assert browser.post(f"{FACTORS}/app", given).status_code == 302
    twice = browser.post(f"{FACTORS}/app", given)
    assert twice.headers["Location"] == FACTORS
    seed, sealed = setup_of(browser)
    clock.shift(timedelta(hours=1))
    browser = enter(customer, _seed)
    given = {"name": "x", "setup": sealed, "code": app_code(seed)}
    assert browser.post(f"{FACTORS}/app", given).status_code == 422
    assert Totp.objects.count() == 2


def test_a_new_factor_ends_other_sessions_and_every_address_is_told(customer, visitor, post):
    customer.account.recovery_addresses.create(
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=timezone.now(),
        proven_at=timezone.now(),
    )
    customer.sign_in()
    customer.sign_in(visitor)

    add(customer.browser, "Tablet")

    assert visitor.get("/area").status_code == 302
    assert customer.browser.get("/area").status_code == 200
    assert told("factor_added") == {customer.email, "spare@example.net"}
    assert "Tablet" in text_of(post.last_to("spare@example.net"))


def test_recovery_codes_are_shown_once_and_can_be_kept_as_a_file(customer):
    browser = customer.sign_in()
    page = add(browser)[0].content.decode()
    codes = re.findall(r'name="code" value="([^"]+)"', page)
    file = browser.post(f"{FACTORS}/codes/file", {"code": codes})

    assert file.headers["Content-Disposition"] == f'attachment; filename="{customer.handle}.txt"'
    assert RECOVERY_CODE.findall(file.content.decode()) == codes
    assert "no-store" in file.headers["Cache-Control"]
    for address in (FACTORS, f"{FACTORS}/codes"):
        assert not RECOVERY_CODE.findall(browser.get(address).content.decode())


@pytest.mark.parametrize("codes", [[], ["x"] * 10, ["BCDF-GHJK-LMNP-QRST"] * 9])
def test_the_file_is_made_of_codes_and_of_nothing_else(customer, codes):
    answer = customer.sign_in().post(f"{FACTORS}/codes/file", {"code": codes})
    assert answer.status_code == 404


def test_new_codes_need_a_proof_and_void_the_old_ones(customer, post, clock):
    seed, old = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    assert browser.post(f"{FACTORS}/codes", {"method": "app", "code": "000000"}).status_code == 422
    clock.shift(timedelta(seconds=30))

    page = browser.post(f"{FACTORS}/codes", {"method": "app", "code": app_code(seed)})

    new = RECOVERY_CODE.findall(page.content.decode())
    assert not set(new) & set(old)
    assert RecoveryCode.objects.count() == 10
    assert "You have new recovery codes" in post.last_to(customer.email)["Subject"]
    again = browser.post(f"{FACTORS}/codes", {"method": "code", "code": old[0]})
    assert again.status_code == 422


def test_a_factor_gets_another_name(customer):
    seed, _codes = set_up_app(customer, days_ago=30)
    browser, app = enter(customer, seed), Totp.objects.get()
    assert browser.post(f"{FACTORS}/app/{app.pk}/name", {"name": ""}).status_code == 422
    browser.post(f"{FACTORS}/app/{app.pk}/name", {"name": " Work  phone "})

    assert "Work phone" in browser.get(FACTORS).content.decode()
    line = ledger.entries_of(customer.account.pk, ledger.LedgerFilter("factors")).rows[0]
    assert ledger.details_of(line)["changes"] == {"name": ["Telephone", "Work phone"]}


def test_the_factors_of_others_do_not_exist(customer, stranger):
    set_up_app(stranger)
    theirs = Totp.objects.get()
    browser = customer.sign_in()

    for act in ("name", "remove"):
        assert browser.get(f"{FACTORS}/app/{theirs.pk}/{act}").status_code == 404
        assert browser.post(f"{FACTORS}/app/{theirs.pk}/{act}").status_code == 404
    assert browser.get(f"{FACTORS}/nonsense/{theirs.pk}/name").status_code == 404


def test_a_factor_is_removed_with_a_recovery_code_and_all_are_told(customer, visitor, post):
    seed, codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    answer = remove(browser, Totp.objects.get(), "code", codes[0])

    assert answer.headers["Location"] == FACTORS
    assert not Totp.objects.exists()
    assert not RecoveryCode.objects.exists(), "without a factor they open nothing"
    assert "your password alone opens the account" in text_of(post.last_to(customer.email))
    assert browser.get("/area").status_code == 200
    act = ledger.entries_of(customer.account.pk, ledger.LedgerFilter("factors")).rows[0]
    assert act.act == "factors.removed"


def test_a_factor_does_not_confirm_its_own_removal(customer, clock):
    seed, _codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    clock.shift(timedelta(seconds=30))
    answer = remove(browser, Totp.objects.get(), "app", app_code(seed))

    assert answer.status_code == 422
    assert Totp.objects.count() == 1


def test_another_factor_removes_one_and_other_sessions_end(customer, visitor, clock):
    seed, _codes = set_up_app(customer, days_ago=30)
    enter(customer, seed)
    first = Totp.objects.get()
    _answer, other = add(customer.browser)
    Totp.objects.exclude(pk=first.pk).update(created_at=timezone.now() - timedelta(days=8))
    clock.shift(timedelta(seconds=60))
    enter(customer, seed, visitor)

    answer = remove(customer.browser, first, "app", app_code(other))

    assert answer.status_code == 302
    assert visitor.get("/area").status_code == 302
    assert told("factor_removed") == {customer.email}
    assert Totp.objects.get().name == "Tablet"
    assert RecoveryCode.objects.count() == 10, "they still serve the factor that is left"


def test_a_factor_younger_than_seven_days_removes_no_older_one(customer, clock):
    """A thief with an open session must not put their own factor in the place of the owner's."""
    seed, _codes = set_up_app(customer, days_ago=30)
    Totp.objects.update(at_creation=False)
    Account.objects.update(opened_at=timezone.now() - timedelta(days=60))
    first = Totp.objects.get()
    enter(customer, seed)
    _answer, other = add(customer.browser)
    clock.shift(timedelta(seconds=60))

    refused = remove(customer.browser, first, "app", app_code(other))
    assert "younger than seven days" in refused.content.decode()
    made = customer.browser.post(f"{FACTORS}/codes", {"method": "app", "code": app_code(seed)})
    young = RECOVERY_CODE.findall(made.content.decode())
    assert remove(customer.browser, first, "code", young[0]).status_code == 422
    clock.shift(timedelta(days=7))
    enter(customer, seed)
    assert remove(customer.browser, first, "code", young[0]).status_code == 302


def test_a_factor_younger_than_seven_days_voids_no_older_codes(customer, clock):
    """They are the owner's way back: a thief's own factor must not take them away."""
    seed, old = set_up_app(customer, days_ago=30)
    Totp.objects.update(at_creation=False)
    RecoveryCode.objects.update(at_creation=False)
    Account.objects.update(opened_at=timezone.now() - timedelta(days=60))
    enter(customer, seed)
    _answer, other = add(customer.browser)
    clock.shift(timedelta(seconds=60))
    given = {"method": "app", "code": app_code(other)}

    refused = customer.browser.post(f"{FACTORS}/codes", given)

    assert refused.status_code == 422
    assert "cannot void recovery codes" in refused.content.decode()
    made = customer.browser.post(f"{FACTORS}/codes", {"method": "code", "code": old[0]})
    assert len(set(RECOVERY_CODE.findall(made.content.decode()))) == 10


def test_a_young_factor_is_removed_with_an_older_one_at_once(customer, clock):
    seed, _codes = set_up_app(customer, days_ago=30)
    Account.objects.update(opened_at=timezone.now() - timedelta(days=60))
    enter(customer, seed)
    add(customer.browser, "Thief's")
    clock.shift(timedelta(seconds=60))

    young = Totp.objects.get(name="Thief's")
    assert remove(customer.browser, young, "app", app_code(seed)).status_code == 302


def test_a_factor_without_any_other_proof_sends_to_new_codes(customer):
    seed, _codes = set_up_app(customer, days_ago=30)
    RecoveryCode.objects.all().delete()
    page = enter(customer, seed).get(f"{FACTORS}/app/{Totp.objects.get().pk}/remove")

    assert "Make new codes" in page.content.decode()


def test_a_wrong_proof_leaves_its_count_and_ten_have_to_wait(customer, origin):
    _seed, codes = set_up_app(customer, days_ago=30)
    app, visit = Totp.objects.get(), Visit(origin, timezone.now())

    def wrong(code: str) -> None:
        enrolment.remove(
            customer.account.pk,
            kind="app",
            factor_id=app.pk,
            answer=Answer("code", code),
            password="",
            key="",
            visit=visit,
        )

    for tries in range(1, 11):
        with pytest.raises(ProofWrong):
            wrong("BCDF-GHJK-LMNP-QRST")
        assert Allowance.objects.get(name="factors.proof").count == tries
    with pytest.raises(Exception, match="Try again in"):
        wrong(codes[0])
    assert Totp.objects.exists()


def change(browser: Client, current: str, new: str):
    return browser.post("/account/password", {"current": current, "password": new})


def test_with_a_factor_eight_characters_are_enough_and_without_they_are_not(customer):
    assert change(customer.sign_in(), PASSWORD, SHORT).status_code == 422
    customer.browser.post("/signout")
    seed, _codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    assert "At least 8 characters" in browser.get("/account/password").content.decode()

    typed = {"password": SHORT}
    assert browser.post("/password/strength", typed).json()["ok"]
    assert not browser.post("/password/strength", {**typed, "alone": "yes"}).json()["ok"]
    assert not Client(HTTP_HOST="localhost").post("/password/strength", typed).json()["ok"]
    assert change(browser, PASSWORD, SHORT).status_code == 302
    assert Account.objects.get().password_length_class == "short"


def test_the_last_factor_leaves_no_short_password_behind(customer):
    seed, codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    change(browser, PASSWORD, SHORT)
    app = Totp.objects.get()
    assert 'name="password"' in browser.get(f"{FACTORS}/app/{app.pk}/remove").content.decode()

    assert remove(browser, app, "code", codes[0]).status_code == 422
    assert remove(browser, app, "code", codes[0], password=SHORT).status_code == 422
    assert remove(browser, app, "code", codes[0], password=NEW).status_code == 302

    assert Account.objects.get().password_length_class == "long"
    fresh = browser.post("/signin", {"identifier": customer.handle, "password": NEW})
    assert fresh.headers["Location"] == "/area"


def test_the_operation_itself_asks_for_the_longer_password(customer, origin):
    _seed, codes = set_up_app(customer, days_ago=30)
    Account.objects.update(password_length_class="short")
    with pytest.raises(LongPasswordNeeded):
        enrolment.remove(
            customer.account.pk,
            kind="app",
            factor_id=Totp.objects.get().pk,
            answer=Answer("code", codes[0]),
            password="",
            key="",
            visit=Visit(origin, timezone.now()),
        )
    assert RecoveryCode.objects.filter(used_at=None).count() == 10


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_factors_removed_at_once_do_not_leave_a_short_password(customer, origin):
    """Each is the last but one when it begins; one of them must see that it is the last."""
    seed, codes = set_up_app(customer, days_ago=30)
    enter(customer, seed)
    add(customer.browser)
    Account.objects.update(password_length_class="short")
    outcomes, start = [], threading.Barrier(2)

    def take(factor_id: int, code: str) -> None:
        start.wait()
        try:
            enrolment.remove(
                customer.account.pk,
                kind="app",
                factor_id=factor_id,
                answer=Answer("code", code),
                password="",
                key="",
                visit=Visit(origin, timezone.now()),
            )
            outcomes.append("removed")
        except LongPasswordNeeded as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=take, args=[app.pk, code])
        for app, code in zip(Totp.objects.all(), codes, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["factors.long_password_needed", "removed"]
    assert Totp.objects.count() == 1


def test_a_factor_set_up_on_the_first_day_counts_as_set_at_creation(customer):
    set_up_app(customer)
    assert Totp.objects.get().established(timezone.now())
    Account.objects.update(opened_at=timezone.now() - timedelta(days=2))
    Totp.objects.all().delete()
    set_up_app(customer)
    assert not Totp.objects.get().established(timezone.now() + timedelta(days=6))
    assert Totp.objects.get().established(timezone.now() + timedelta(days=7))
    assert not Session.objects.exists()


# Where the operator asks everybody for a factor.


@pytest.fixture
def demanded(settings):
    settings.NICHANDLE_REQUIRE_FACTOR = True


@pytest.mark.parametrize("page", ["/area", "/account", "/account/edit", "/services"])
def test_where_a_factor_is_demanded_there_is_nothing_else_before_it(customer, demanded, page):
    browser = customer.sign_in()

    assert browser.get(page).headers["Location"] == FACTORS
    assert browser.post(page).headers["Location"] == FACTORS
    assert "asks everybody for a second factor" in browser.get(FACTORS).content.decode()


def test_one_may_still_leave_and_change_the_language(customer, demanded):
    browser = customer.sign_in()
    assert browser.post("/language", {"language": "fr"}).headers["Location"] == "/"
    assert "second facteur" in browser.get(FACTORS).content.decode()
    assert browser.post("/signout").headers["Location"] == "/signin"


def test_with_the_factor_all_is_open_and_with_its_removal_closed_again(customer, demanded):
    browser = customer.sign_in()
    answer, _seed = add(browser)
    codes = re.findall(r'name="code" value="([^"]+)"', answer.content.decode())
    assert browser.get("/area").status_code == 200

    remove(browser, Totp.objects.get(), "code", codes[0])
    assert browser.get("/area").headers["Location"] == FACTORS


def test_the_demand_costs_no_statement_of_its_own(customer, demanded, django_assert_num_queries):
    browser = customer.sign_in()
    add(browser)
    with django_assert_num_queries(1):
        assert browser.get("/area/identifier").status_code == 200


def test_a_room_may_demand_a_factor_of_some_accounts(customer, stranger, monkeypatch):
    """As the desk will of its agents."""
    condition = "a.email = 'diane@example.org'"
    monkeypatch.setattr(queries, "DEMANDS", [*queries.DEMANDS, lambda: condition])

    assert customer.sign_in().get("/area").headers["Location"] == FACTORS
    assert stranger.sign_in().get("/area").status_code == 200


# Sensitive acts.


def test_adding_and_removing_ask_for_a_fresh_sign_in(customer, clock):
    seed, codes = set_up_app(customer, days_ago=30)
    browser = enter(customer, seed)
    clock.shift(timedelta(minutes=11))
    app = Totp.objects.get()

    for page in ("app", "key", "codes", f"app/{app.pk}/remove"):
        assert "Sign in again" in browser.get(f"{FACTORS}/{page}").content.decode()
    asked = remove(browser, app, "code", codes[0])
    held = re.search(r'name="held" value="([^"]+)"', asked.content.decode())[1]
    sent = {"sign-in-again": "app", "password": PASSWORD, "code": app_code(seed), "held": held}
    answer = browser.post(f"{FACTORS}/app/{app.pk}/remove", sent)

    assert answer.headers["Location"] == FACTORS
    assert not Totp.objects.exists()


@pytest.mark.parametrize(
    ("cause", "adding", "removing"), [("change_undone", 403, 403), ("case_effect", 200, 403)]
)
def test_while_a_pause_runs_factors_wait(customer, origin, cause, adding, removing):
    seed, codes = set_up_app(customer, days_ago=30)
    browser, app = enter(customer, seed), Totp.objects.get()
    pauses.begin(account_id=customer.account.pk, cause=cause, act=Act(origin, timezone.now()))

    answer, _seed = add(browser)
    assert answer.status_code == (302 if adding == 200 else adding)
    assert remove(browser, app, "code", codes[0]).status_code == removing
    assert Totp.objects.filter(pk=app.pk).exists()


# « Ce n'était pas moi ».


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


# Ending a pause early.

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


def test_who_must_set_up_a_factor_reaches_what_a_pause_never_stops(customer, settings):
    """A factor cannot be added during a pause: every page would have led to that page."""
    browser = customer.sign_in()
    settings.NICHANDLE_REQUIRE_FACTOR = True
    pauses.begin(
        account_id=customer.account.pk,
        cause="reset_by_recovery",
        act=Act.by_itself(timezone.now()),
    )

    for address in ("/account/pause", "/account/password", "/account/sessions"):
        assert browser.get(address).status_code == 200, address
    for address, leads in (
        ("/account/pause/code", "/account/pause"),
        ("/account/sessions/end", "/account/sessions"),
        ("/account/sessions/end-others", "/account/sessions"),
    ):
        assert browser.post(address).headers["Location"] == leads
    assert browser.get("/account/edit").headers["Location"] == "/account/security/factors"


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
