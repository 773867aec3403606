"""Setting factors up, and removing them with a proof."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.pauses import operations as pauses
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.credentials.enrolment import ProofWrong
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.identity.signin.tests.factor_pages import FACTORS, add, enter, remove, setup_of
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, RECOVERY_CODE, app_code, set_up_app
from tests.support.post import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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
