"""Language and time zone belong to the account, and are chosen there."""

import re

import pytest
from django.utils import timezone

from nichandle.identity.accounts import operations
from nichandle.identity.accounts.models import Account
from nichandle.platform.audit.models import Entry
from nichandle.platform.kernel.act import Act

pytestmark = pytest.mark.django_db
PAGE = "/account/preferences"


def stored(person):
    return Account.objects.values_list("language", "time_zone").get(pk=person.account.pk)


def acts(person):
    rows = Entry.objects.filter(account_id=person.account.pk).order_by("number")
    return list(rows.values_list("act", flat=True))


def test_both_are_chosen_and_every_page_follows(customer):
    browser = customer.sign_in()
    answer = browser.post(PAGE, {"language": "fr", "time_zone": "Indian/Reunion"}, follow=True)

    shown = answer.content.decode()
    assert "La langue et le fuseau horaire sont enregistrés." in shown
    assert "<dd>La Réunion</dd>" in shown
    assert "<dd>Français</dd>" in shown
    assert stored(customer) == ("fr", "Indian/Reunion")
    assert acts(customer)[-2:] == ["account.language_changed", "account.time_zone_changed"]
    assert "Europe/Paris → Indian/Reunion" in browser.get("/account/ledger").content.decode()


def test_what_stays_as_it_is_leaves_no_entry(customer):
    browser, before = customer.sign_in(), acts(customer)
    language, zone = stored(customer)
    browser.post(PAGE, {"language": language, "time_zone": zone})

    assert [act for act in acts(customer) if act not in before] == []


@pytest.mark.parametrize(
    "given",
    [
        {"language": "xx", "time_zone": "Europe/Paris"},
        {"language": "fr", "time_zone": "Mars/Olympus"},
        {"language": "fr", "time_zone": "../../etc/passwd"},
        {"language": "fr"},
        {"time_zone": "Europe/Paris"},
    ],
)
def test_what_is_no_language_or_zone_changes_nothing(customer, given):
    before = stored(customer)
    answer = customer.sign_in().post(PAGE, given)

    assert answer.status_code == 422
    assert stored(customer) == before


def test_the_present_choice_is_marked(customer):
    shown = customer.sign_in().get(PAGE).content.decode()

    assert re.search(r'value="en"[^>]* checked', shown)
    assert 'value="Europe/Paris" selected' in shown


def test_the_switch_of_the_header_says_that_it_changes_the_mails_too(customer):
    browser = customer.sign_in()
    answer = browser.post("/language", {"language": "fr", "next": "/area"}, follow=True)

    assert "Vos pages et vos e-mails sont désormais en français." in answer.content.decode()
    assert stored(customer)[0] == "fr"


@pytest.mark.parametrize(
    ("country", "zone"), [("RE", "Indian/Reunion"), ("US", "America/New_York")]
)
def test_a_new_account_has_the_zone_of_its_country(db, country, zone):
    account = operations.create_opening(
        email=f"somebody@{country.lower()}.example",
        password_hash="!",
        length_class="long",
        country=country,
        language="en",
        act=Act.by_itself(timezone.now()),
    )
    assert account.time_zone == zone
