"""Every address of a sensitive act asks for a fresh sign-in; the overview names one next step."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.factors.models import RecoveryCode, Totp
from nichandle.identity.pauses.acts import CAUSES
from nichandle.identity.pauses.operations import begin
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from nichandle.sites.area.security import FEW_CODES
from tests.support.people import PASSWORD, PERSON, app_code, set_up_app

pytestmark = pytest.mark.django_db
FACTORS = "/account/security/factors"
NETWORKS = "/account/security/networks"
SENSITIVE = (
    ("get", f"{FACTORS}/app"),
    ("post", f"{FACTORS}/app"),
    ("get", f"{FACTORS}/key"),
    ("post", f"{FACTORS}/key"),
    ("get", f"{FACTORS}/codes"),
    ("post", f"{FACTORS}/codes"),
    ("get", f"{FACTORS}/app/1/remove"),
    ("post", f"{FACTORS}/app/1/remove"),
    ("get", "/account/edit"),
    ("post", "/account/edit"),
    ("post", "/account/recovery-addresses"),
    ("post", "/account/recovery-addresses/1/remove"),
    ("post", NETWORKS),
    ("post", f"{NETWORKS}/others"),
    ("post", f"{NETWORKS}/1/remove"),
    ("post", "/account/address"),
    ("post", "/account/address/resume"),
    ("get", "/contacts/change"),
    ("post", "/contacts/change"),
    ("post", "/contacts/requests/1/accept"),
    ("post", "/contacts/requests/1/begin"),
    ("post", "/contacts/requests/1/resume"),
    ("post", "/invoices/F2026-000001/links/new"),
)
"""Section 4a of the behaviour, as far as there are pages; and links that outlive a session."""


@pytest.mark.parametrize(("method", "address"), SENSITIVE)
def test_a_stale_session_is_asked_to_sign_in_again(customer, method, address):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        clock.shift(timedelta(minutes=9))
        assert "Sign in again" not in getattr(browser, method)(address).content.decode()
        clock.shift(timedelta(minutes=2))

        asked = getattr(browser, method)(address)

    assert asked.status_code == 200
    assert "Sign in again" in asked.content.decode()


def steps(browser) -> list[str]:
    """Return the primary buttons of the card that names the next step."""
    page = browser.get("/account/security").content.decode()
    cards = re.findall(r'<section class="card next".*?</section>', page, re.DOTALL)
    return [
        one for card in cards for one in re.findall(r'class="button primary"[^>]*>([^<]*)', card)
    ]


def test_the_overview_names_one_next_step_the_most_worth_first(customer):
    now = timezone.now()

    def add(address: str, *, proven: bool):
        return customer.account.recovery_addresses.create(
            address=address,
            address_key=address,
            added_at=now - timedelta(days=8),
            proven_at=now - timedelta(days=8) if proven else None,
        )

    browser = customer.sign_in()
    assert steps(browser) == ["Add a recovery address"]
    waiting = add("one@example.net", proven=False)
    assert steps(browser) == ["Enter the code"]
    waiting.proven_at = now
    waiting.save()
    assert steps(browser) == ["Set up a second factor"]
    seed = set_up_app(customer, days_ago=30)[0]
    browser = customer.sign_in(code=app_code(seed))
    assert steps(browser) == ["Add a recovery address"], "a second one"
    kept = list(RecoveryCode.objects.values_list("pk", flat=True))[:FEW_CODES]
    RecoveryCode.objects.exclude(pk__in=kept).update(used_at=now)
    assert steps(browser) == ["Make new codes"]
    RecoveryCode.objects.update(used_at=None)
    add("two@example.net", proven=True)
    assert steps(browser) == []
    assert "There is nothing to do." in browser.get("/account/security").content.decode()
    Totp.objects.all().delete()
    assert steps(browser) == ["Set up a second factor"]


@pytest.fixture
def stale(customer):
    """A browser that signed in eleven minutes ago."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        clock.shift(timedelta(minutes=11))
        yield browser


def held_in(answer) -> str:
    found = re.search(r'name="held" value="([^"]*)"', answer.content.decode())
    return found[1] if found else ""


def test_who_stole_a_session_changes_neither_name_nor_telephone(stale, customer):
    """Reviewers compare papers with the one and call back at the other."""
    changed = {**PERSON, "family_name": "Thief", "phone": "+33699999999"}

    asked = stale.post("/account/edit", changed)
    stale.post("/account/edit", {"sign-in-again": "password", "password": "guess", **changed})

    customer.account.refresh_from_db()
    assert (customer.account.family_name, customer.account.phone) == ("Mercier", "+33612345678")
    assert not Mail.objects.filter(template="accounts/mail/details_changed").exists()
    assert "Sign in again" in asked.content.decode()


def test_the_owner_signs_in_again_and_what_was_typed_is_saved(stale, customer):
    asked = stale.post("/account/edit", {**PERSON, "city": "Roubaix"})

    sent = {"sign-in-again": "password", "password": PASSWORD, "held": held_in(asked)}
    assert stale.post("/account/edit", sent).headers["Location"] == "/account"

    customer.account.refresh_from_db()
    assert customer.account.city == "Roubaix"


def test_what_was_typed_wrongly_is_still_there_after_signing_in_again(stale):
    asked = stale.post("/account/edit", {**PERSON, "city": "", "address": "14 rue des Lilas"})

    sent = {"sign-in-again": "password", "password": PASSWORD, "held": held_in(asked)}
    answer = stale.post("/account/edit", sent)

    assert answer.status_code == 422
    assert 'value="14 rue des Lilas"' in answer.content.decode()


def test_details_wait_while_a_pause_runs_and_the_page_says_why_and_until_when(customer, contact):
    now, browser = timezone.now(), customer.sign_in()
    begin(account_id=customer.account.pk, cause="change_undone", act=Act.by_itself(now))
    reason = "A change of the primary address was contested."
    assert reason in browser.get("/account/edit").content.decode()

    answer = browser.post("/account/edit", {**PERSON, "city": "Roubaix"})

    assert answer.status_code == 403
    assert answer.content.decode().count(reason) == 2
    assert 'value="Roubaix"' in answer.content.decode()
    customer.account.refresh_from_db()
    assert customer.account.city == "Lille"
    other = contact.sign_in()
    changed = {**PERSON, "given_name": "Paul", "family_name": "Martin", "city": "Roubaix"}
    assert other.post("/account/edit", changed).status_code == 302
    with time_machine.travel(now + CAUSES["change_undone"].lasts, tick=False):
        browser = customer.sign_in()
        assert browser.post("/account/edit", {**PERSON, "city": "Roubaix"}).status_code == 302


def test_the_language_alone_asks_for_nothing(stale, customer):
    assert stale.post("/language", {"language": "fr"}).status_code == 302

    customer.account.refresh_from_db()
    assert customer.account.language == "fr"
