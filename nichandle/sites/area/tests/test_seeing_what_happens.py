"""Devices, ledger and mails: each sees their own, in words, and can act on it."""

import csv
import io
import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.commerce.services.operations import set_expiry
from nichandle.identity.signin.models import Session
from nichandle.identity.signin.sessions.opening import open_session
from nichandle.platform.audit.models import Entry
from nichandle.platform.audit.tests.tampering import tamper
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import Mail
from tests.support.people import PERSON

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


@pytest.fixture
def other_device(customer) -> Client:
    return customer.sign_in(Client(HTTP_HOST="localhost", HTTP_USER_AGENT=FIREFOX))


def test_every_device_is_listed_with_browser_and_network(customer, other_device):
    page = customer.sign_in().get("/account/sessions").content.decode()

    assert "Firefox 145, Linux" in page
    assert "127.0.0.1" in page
    assert page.count("This device") == 1


def test_devices_are_listed_page_by_page_and_ones_own_stands_first(customer, now):
    browser = customer.sign_in()
    for number in range(60):
        act = Act(Origin(f"192.0.2.{number}", FIREFOX), now)
        open_session(account_id=customer.account.pk, stay=True, act=act)
    listed, address, sizes = [], "/account/sessions", []
    while address:
        page = browser.get(address).content.decode()
        rows = re.findall(r"<code>(.*?)</code>", page)
        assert page.count("This device") == (0 if listed else 1)
        assert rows[0] == "127.0.0.1" or listed
        listed, sizes = listed + rows, [*sizes, len(rows)]
        following = re.search(r'href="(\?after=\d+)"', page)
        address = f"/account/sessions{following[1]}" if following else ""
    assert sizes == [26, 25, 10]
    assert sorted(listed) == sorted(["127.0.0.1", *(f"192.0.2.{each}" for each in range(60))])
    first = browser.get("/account/sessions").content
    for strange in ("x", "-1", "9" * 40, "1e3"):
        shown = browser.get("/account/sessions", {"after": strange}).content
        assert shown.count(b"<tr>") == first.count(b"<tr>")


def test_one_device_is_ended_and_the_others_stay(customer, other_device):
    browser = customer.sign_in()
    row = Session.objects.get(agent=FIREFOX)

    answer = browser.post("/account/sessions/end", {"session": row.pk}, follow=True)

    assert "That session has ended." in answer.content.decode()
    assert other_device.get("/area").status_code == 302
    assert browser.get("/area").status_code == 200
    again = browser.post("/account/sessions/end", {"session": row.pk}, follow=True)
    assert "had ended already" in again.content.decode()


def test_all_other_devices_are_ended_at_once(customer, other_device):
    browser = customer.sign_in()
    browser.post("/account/sessions/end-others")

    assert other_device.get("/area").status_code == 302
    assert browser.get("/area").status_code == 200
    assert Session.objects.count() == 1


def test_with_one_device_all_others_are_still_forgotten_and_it_stands_in_the_ledger(customer):
    browser, other = customer.sign_in(), Client(HTTP_HOST="localhost")
    customer.sign_in(other)
    other.post("/signout")
    assert "End all other sessions" in browser.get("/account/sessions").content.decode()

    browser.post("/account/sessions/end-others")

    assert Entry.objects.latest("pk").act == "signin.others_ended"
    sent = {"identifier": customer.handle, "password": customer.password}
    assert other.post("/signin", sent).headers["Location"].startswith("/signin/code")


@pytest.mark.parametrize("chosen", ["", "x", "-1", "9" * 40, "1 OR 1=1"])
def test_nonsense_ends_nothing(customer, chosen):
    browser = customer.sign_in()
    assert browser.post("/account/sessions/end", {"session": chosen}).status_code == 302
    assert Session.objects.count() == 1


def test_nobody_ends_the_session_of_somebody_else(customer, stranger):
    victim = customer.sign_in()
    row = Session.objects.get()

    stranger.sign_in().post("/account/sessions/end", {"session": row.pk})

    assert victim.get("/area").status_code == 200


def test_the_ledger_tells_what_was_done_in_words(customer):
    browser = customer.sign_in()
    browser.post("/account/edit", {**PERSON, "city": "Roubaix", "postcode": "59100"})

    page = browser.get("/account/ledger").content.decode()

    assert "Details changed" in page
    assert "Lille → Roubaix" in page
    assert "Signed in" in page


def test_a_day_is_said_as_the_reader_writes_days(customer, make_service):
    service = make_service("mercier.example")
    set_expiry(service_id=service.pk, expiry_date=date(2027, 5, 7), now=timezone.now())

    page = customer.sign_in().get("/account/ledger?kind=service").content.decode()

    assert "mercier.example, 7 May 2027" in page or "mercier.example, May 7, 2027" in page
    assert "2027-05-07" not in page


def test_the_ledger_is_filtered_by_kind(customer):
    browser = customer.sign_in()

    page = browser.get("/account/ledger?kind=signin").content.decode()
    assert "Signed in" in page
    assert "Account opened" not in page
    assert (
        "Nothing of this kind"
        in browser.get("/account/ledger?kind=recovery_address").content.decode()
    )
    assert "Account opened" in browser.get("/account/ledger?kind=nonsense").content.decode()


def test_the_ledger_is_filtered_by_day_of_the_reader(customer):
    """Half past midnight in Paris is still the day before in UTC."""
    with time_machine.travel(datetime(2026, 6, 30, 22, 30, tzinfo=UTC), tick=False):
        browser = customer.sign_in()
        browser.post("/account/edit", {**PERSON, "city": "Roubaix"})
        on_the_day = browser.get("/account/ledger?since=2026-07-01&until=2026-07-01")
        the_day_before = browser.get("/account/ledger?until=2026-06-30").content.decode()
        taken = browser.get("/account/ledger.csv?since=2026-07-01&until=2026-07-01&kind=account")

    page = on_the_day.content.decode()
    assert "Roubaix" in page
    assert 'value="2026-07-01"' in page
    assert "/account/ledger.csv?since=2026-07-01&amp;until=2026-07-01" in page
    assert "Roubaix" not in the_day_before
    assert "Show everything" in the_day_before
    rows = b"".join(taken.streaming_content).decode().splitlines()[1:]
    assert len(rows) == 1
    assert "Roubaix" in rows[0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("since=yesterday", "Write the day as"),
        ("since=2026-02-30", "Write the day as"),
        ("since=2026-07-02&until=2026-07-01", "before the first one"),
        ("until=9999-12-31", "Write the day as"),
        ("since=0001-01-01", "Write the day as"),
    ],
)
def test_a_day_that_is_none_is_said_and_kept(customer, query, said):
    answer = customer.sign_in().get(f"/account/ledger?{query}")
    assert answer.status_code == 422
    page = answer.content.decode()
    assert said in page
    assert f'value="{query.partition("&")[0].partition("=")[2]}"' in page
    assert "Signed in" in page, "the rest of the page is there"


@pytest.mark.parametrize(
    "agent", ["x;=HYPERLINK(1)", "=1+1", "a,\t@SUM(1)", "+33", "x\r\n-1", "a; +1"]
)
def test_no_cell_becomes_a_formula_wherever_a_spreadsheet_splits(customer, agent):
    browser = customer.sign_in()
    browser.post("/account/edit", {**PERSON, "address": agent.replace("\r\n", " ")})
    browser.post("/language", {"language": "fr"})

    text = b"".join(browser.get("/account/ledger.csv").streaming_content).decode("utf-8-sig")

    assert text.startswith("Numéro;")
    for cell in re.split(r"[;,\t\r\n]", text):
        assert not re.match(r'\s*"?\s*[=+@-]\S', cell), cell


def test_a_long_ledger_comes_in_pages(customer):
    browser = customer.sign_in()
    for number in range(60):
        browser.post("/language", {"language": ("fr", "en")[number % 2]})

    first = browser.get("/account/ledger")
    assert first.content.decode().count('<li class="passed">') == 50
    second = browser.get(f"/account/ledger?after={first.context['next']}")
    assert 'class="passed"' in second.content.decode()
    assert browser.get("/account/ledger?after=nonsense").status_code == 200


def test_the_ledger_is_downloaded_and_is_no_formula(customer):
    browser = customer.sign_in()
    browser.post("/account/edit", {**PERSON, "address": "=HYPERLINK(1)"})

    answer = browser.get("/account/ledger.csv")

    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:3] == ["Number", "Time (UTC)", "What"]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4"]
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert customer.handle in answer.headers["Content-Disposition"]


def test_nobody_reads_the_ledger_of_somebody_else(customer, stranger):
    customer.sign_in().post("/account/edit", {**PERSON, "city": "Roubaix"})
    assert "Roubaix" not in stranger.sign_in().get("/account/ledger").content.decode()


@pytest.fixture
def told(customer) -> Mail:
    customer.sign_in().post("/account/edit", {**PERSON, "family_name": "Martin"})
    return Mail.objects.get()


def test_mails_are_listed_with_their_state_and_can_be_read(customer, told, post):
    page = customer.browser.get("/account/mails").content.decode()
    assert "Your details were changed" in page
    assert "On its way" in page
    post.deliver()
    assert "Accepted by the mail server" in customer.browser.get("/account/mails").content.decode()

    letter = customer.browser.get(f"/account/mails/{told.pk}")
    alone = customer.browser.get(f"/account/mails/{told.pk}/html")
    assert "These details of your account have just been changed" in letter.content.decode()
    assert alone.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


def test_a_mails_secrets_are_masked_for_its_own_reader_too(visitor, post):
    visitor.post(
        "/signup",
        {
            "country": "FR",
            "language": "en",
            "email": "z@example.org",
            "password": "lavender tram across winter",
        },
    )
    visitor.post("/signup/code", {"code": post.code_to("z@example.org")})
    visitor.post(
        "/signup/details",
        {"kind": "individual", **PERSON, "recovery_address": "spare@example.net"},
    )
    code = post.code_to("spare@example.net")
    mail = Mail.objects.get(recipient="spare@example.net")

    shown = visitor.get(f"/account/mails/{mail.pk}").content.decode()

    assert code not in shown
    assert "••••" in shown


def test_nobody_reads_the_mails_of_somebody_else(customer, told, stranger):
    browser = stranger.sign_in()
    assert browser.get(f"/account/mails/{told.pk}").status_code == 404
    assert browser.get(f"/account/mails/{told.pk}/html").status_code == 404
    assert "No mail yet" in browser.get("/account/mails").content.decode()


NEW = "carafe violette sur le quai"


def change(browser: Client, current: str, new: str = NEW):
    return browser.post("/account/password", {"current": current, "password": new})


def test_a_password_is_changed_and_every_other_device_signed_out(customer, other_device, post):
    browser = customer.sign_in()

    assert change(browser, customer.password).headers["Location"] == "/account"

    assert browser.get("/area").status_code == 200
    assert other_device.get("/area").status_code == 302
    told = post.last_to(customer.email)
    assert told["Subject"] == f"[{customer.handle}] Your password was changed"
    assert NEW not in told.as_string()
    browser.post("/signout")
    entered = browser.post("/signin", {"identifier": customer.handle, "password": NEW})
    assert entered.status_code == 302
    refused = browser.post(
        "/signin", {"identifier": customer.handle, "password": customer.password}
    )
    assert refused.status_code == 422


def test_a_stolen_session_without_the_password_changes_nothing(customer):
    browser = customer.sign_in()
    for _ in range(10):
        answer = change(browser, "a guess of the thief")
        assert answer.status_code == 422
        assert "This is not your present password" in answer.content.decode()

    assert change(browser, customer.password).status_code == 429
    assert NEW not in change(browser, "x").content.decode()


@pytest.mark.parametrize(
    ("new", "sentence"),
    [
        ("short", "at least 15 characters"),
        ("lavender tram across winter", "the password you have already"),
        ("diane mercier diane", "your own data"),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(customer, new, sentence):
    answer = change(customer.sign_in(), customer.password, new)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'id="id_password_error"' in answer.content.decode()


def test_the_ledger_says_that_it_was_verified_and_proves_itself_whole(customer):
    browser = customer.sign_in()

    assert "verified just now" in browser.get("/account/ledger").content.decode()
    assert "verified just now" in browser.get("/account/ledger?kind=signin").content.decode()
    said = browser.post("/account/ledger/prove", follow=True).content.decode()
    count = Entry.objects.filter(account_id=customer.account.pk).count()
    assert f"Proven: all {count} entries" in said


def test_a_changed_entry_shows_on_the_page_and_in_the_proof(customer):
    browser = customer.sign_in()
    entry = Entry.objects.filter(account_id=customer.account.pk).first()
    tamper("UPDATE audit_entry SET details = '{}' WHERE id = %s", entry.pk)

    page = browser.get("/account/ledger").content.decode()
    assert "not as they were written" in page
    assert "verified just now" not in page
    said = browser.post("/account/ledger/prove", follow=True).content.decode()
    assert "The ledger does not hold" in said


def test_a_missing_entry_shows_between_its_neighbours(customer):
    browser = customer.sign_in()
    for _ in range(3):
        browser.post("/language", {"language": "fr"})
        browser.post("/language", {"language": "en"})
    middle = Entry.objects.get(account_id=customer.account.pk, number=5)
    tamper("DELETE FROM audit_entry WHERE id = %s", middle.pk)

    assert "not as they were written" in browser.get("/account/ledger").content.decode()
    assert "verified just now" in browser.get("/account/ledger?kind=signin").content.decode()


def test_nobody_makes_the_server_prove_without_end(customer):
    browser = customer.sign_in()
    for _ in range(21):
        answer = browser.post("/account/ledger/prove", follow=True)
    assert "Proven" not in answer.content.decode()
