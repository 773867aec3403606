"""What was under way in a database made by an earlier commit goes on as if nothing had happened."""

import pyotp
import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests.upgrade.browser import Browser, Page
from tests.upgrade.product import CODE, until
from tests.upgrade.restored import FOLDERS, Upgraded

# One product for all of them, so they stay in one process and in this order: the last ones change
# what the first ones look at.
pytestmark = [pytest.mark.slow, pytest.mark.engine, pytest.mark.xdist_group("upgrade")]

MIGRATIONS = "django_migrations"


def test_both_engines_have_a_database_of_each_commit_kept():
    assert FOLDERS
    for folder in FOLDERS:
        assert {file.name for file in folder.iterdir()} == {
            f"{engine}.{ending}"
            for engine in ("sqlite", "postgresql")
            for ending in ("sql.gz", "json")
        }


def test_its_migrations_are_still_the_products_and_only_newer_ones_were_applied(upgraded):
    recorded, now = applied(upgraded.before), applied(upgraded.after)

    assert len(recorded) > 40
    assert now == set(MigrationLoader(None).disk_migrations)
    assert recorded <= now
    # What `makemigrations --check` would find, Django says here too.
    assert "not yet reflected" not in upgraded.told


def test_its_tables_are_still_the_products(upgraded):
    used = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}

    assert upgraded.before.keys() <= used | {MIGRATIONS}


def test_every_table_has_the_rows_it_had(upgraded):
    before, after = upgraded.before, upgraded.after

    assert sum(map(len, before.values())) > 300
    if applied(before) == applied(after):
        assert after == before
    else:
        kept = before.keys() - {MIGRATIONS}
        assert {table: len(after[table]) for table in kept} == {
            table: len(before[table]) for table in kept
        }


def test_who_was_signed_in_still_is(upgraded):
    page = upgraded.browser("diane").get("/area")

    assert (page.status, page.path) == (200, "/area")
    assert upgraded.kept.people["diane"].handle in page.text
    for path in ("/account", "/account/security", "/account/sessions", "/services", "/contacts"):
        assert upgraded.browser("diane").get(path).path == path


def test_a_password_still_signs_in_from_a_browser_it_knows(upgraded):
    browser = upgraded.browser("diane", signed_in=False)

    page = sign_in(browser, upgraded, "diane")

    assert page.path == "/area"
    assert upgraded.kept.people["diane"].handle in page.text


def test_a_browser_it_does_not_know_is_still_asked_for_a_code_that_is_mailed(upgraded):
    browser = upgraded.browser()

    page = sign_in(browser, upgraded, "lea")
    assert page.path == "/signin/code"
    code = upgraded.product.mailed(upgraded.kept.people["lea"].address, CODE)
    page = browser.post(page.path, code=code)

    assert page.path == "/area"
    assert upgraded.kept.people["lea"].handle in page.text


def test_who_is_halfway_through_signing_in_goes_on_with_a_recovery_code(upgraded):
    browser = upgraded.browser("halfway")
    code = upgraded.kept.recovery_codes[3].lower()

    page = browser.get("/signin/factor")
    assert page.path == "/signin/factor"
    assert browser.post("/signin/factor", method="code", code=code).path == "/area"


def test_the_app_still_proves_its_owner(upgraded):
    browser = upgraded.browser()
    code = pyotp.TOTP(upgraded.kept.facts["seed"]).at(upgraded.product.now)

    assert sign_in(browser, upgraded, "bakery").path == "/signin/factor"
    assert browser.post("/signin/factor", method="app", code=code).path == "/area"


def test_a_trusted_browser_is_still_trusted(upgraded):
    browser = upgraded.browser("bakery", signed_in=False)

    assert sign_in(browser, upgraded, "bakery").path == "/area"


def test_a_limit_goes_on_counting_where_it_stood(upgraded):
    # Only what a wrong password spends: the worker spends others meanwhile, for jobs that waited.
    counters = (
        "SELECT id, name, count FROM limits_allowance "
        "WHERE name IN ('signin.network', 'signin.typed', 'signin.account') ORDER BY id"
    )
    before = upgraded.ask(counters)
    browser = upgraded.browser("stranger")

    page = sign_in(browser, upgraded, "choir", password="none of mine, surely")

    assert page.status == 422
    assert len(before) == 3
    assert upgraded.ask(counters) == [(row, name, count + 1) for row, name, count in before]


def test_the_jobs_that_waited_are_done_and_the_mails_sent(upgraded):
    waited = {row[0] for row in upgraded.before["jobs_job"]}
    jobs = "SELECT id, name, last_error FROM jobs_job"
    mails = "SELECT id, template, last_error FROM outbox_mail WHERE state <> 'sent'"

    def left():
        return [job for job in upgraded.ask(jobs) if job[0] in waited] + upgraded.ask(mails)

    assert len(waited) > 4
    until("all is done, or has failed", lambda: all(error for *_, error in left()))
    # A task that is no longer registered, a template that has moved: the error would say so.
    assert left() == []


def test_the_mail_that_waited_brings_a_code_that_opens_an_account(upgraded):
    browser = upgraded.browser("nora")
    code = upgraded.product.mailed(upgraded.kept.people["nora"].address, CODE)

    assert browser.post("/signup/code", code=code).path == "/signup/details"


def test_the_jobs_that_waited_bring_links_that_open(upgraded):
    mailed, diane = upgraded.product.mailed, upgraded.kept.people["diane"].address

    for pattern in (r"(/password/new/\S+)", r"(/contacts/answer/\S+)"):
        assert upgraded.browser().get(mailed(diane, pattern)).status == 200


@pytest.mark.parametrize("link", ["reset", "undo", "answer", "proof", "case"])
def test_a_link_that_was_mailed_still_opens(upgraded, link):
    path = upgraded.kept.facts[link]

    page = upgraded.browser().get(path)

    assert (page.status, page.path) == (200, path)


@pytest.mark.parametrize("name", ["diane", "bakery", "choir", "lea"])
def test_the_ledger_and_every_mail_can_still_be_read(upgraded, name):
    browser = come_in(upgraded, name)

    assert len(browser.get("/account/ledger.csv").text.splitlines()) > 10
    assert browser.get("/account/ledger").path == "/account/ledger"
    mails = browser.get("/account/mails").all(r'href="(/account/mails/\d+)"')
    assert len(mails) > 1
    assert {browser.get(path).status for path in mails} == {200}


def test_the_hand_over_that_waited_is_accepted(upgraded):
    browser = come_in(upgraded, "diane")

    page = browser.get(upgraded.kept.facts["answer"])
    accept = page.first(r'href="(/contacts/requests/\d+/accept)')
    done = browser.post(accept)

    assert done.path == accept.removesuffix("/accept")
    states = upgraded.ask("SELECT id, state FROM contacts_request")
    assert (int(done.path.rpartition("/")[2]), "done") in states


def test_the_reviewer_still_sees_the_case_and_its_papers(upgraded):
    number, browser = upgraded.kept.facts["number"], upgraded.browser("reviewer")

    assert number in browser.get("/desk/cases").text
    page = browser.get(f"/desk/case/{number}")
    papers = page.all(rf'src="(/desk/case/{number}/paper/[^"]+)"')

    assert len(papers) > 1
    assert {browser.get(path).status for path in papers} == {200}


def test_the_change_of_address_that_was_open_takes_effect(upgraded):
    browser, kept = upgraded.browser("telephone"), upgraded.kept

    assert browser.post(kept.facts["proof"]).status == 200
    assert browser.post("/account/address/code", code=kept.facts["code"]).path == "/account/address"

    assert kept.facts["wanted"] in browser.get("/account").text


def test_the_ledger_holds_with_what_has_been_added(upgraded):
    told = upgraded.product.command("audit", "verify")

    assert "The ledger holds" in told
    assert upgraded.ask("SELECT count(*) FROM audit_entry") > [
        (len(upgraded.before["audit_entry"]),)
    ]


def applied(rows):
    return {(row[1], row[2]) for row in rows[MIGRATIONS]}


def sign_in(browser: Browser, upgraded: Upgraded, name: str, *, password: str = "") -> Page:
    who = upgraded.kept.people[name]
    browser.get("/signin")
    # As somebody might write it who reads it from a letter.
    spelled = who.handle.replace("-", " ").upper()
    return browser.post("/signin", identifier=spelled, password=password or who.password)


def come_in(upgraded: Upgraded, name: str) -> Browser:
    """Sign in from the browser one had, if any."""
    known = name in upgraded.kept.cookies
    browser = upgraded.browser(name if known else "", signed_in=False)
    page = sign_in(browser, upgraded, name)
    if page.path == "/signin/code":
        code = upgraded.product.mailed(upgraded.kept.people[name].address, CODE)
        page = browser.post(page.path, code=code)
    assert page.path == "/area"
    return browser
