"""Lost password and lost identifier: the owner gets back in, nobody learns who is a customer."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.recovery import operations
from nichandle.identity.recovery.models import PasswordReset
from nichandle.identity.signin.models import KnownBrowser, Session
from nichandle.platform.audit import queries as ledger
from nichandle.platform.jobs.models import Job
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, PERSON, app_code, make_person, set_up_app
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
NEW = "carafe violette sur le quai"
LINK = re.compile(r"/password/new/\S+")


def shown(answer) -> str:
    """Return a page without what every page has anew."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def ask(browser: Client, typed: str):
    answer = browser.post("/password/lost", {"typed": typed})
    work()
    return answer


def link_for(person, browser: Client, post, typed: str | None = None) -> str:
    ask(browser, typed or person.handle)
    found = LINK.search(text_of(post.last_to(person.email)))
    assert found
    return found[0]


def enter(person, password: str) -> int:
    browser = Client(HTTP_HOST="localhost")
    answer = browser.post("/signin", {"identifier": person.handle, "password": password})
    return answer.status_code


@pytest.mark.parametrize("typed", [lambda p: p.handle.upper(), lambda p: p.email])
def test_a_link_sets_a_new_password_and_signs_every_device_out(customer, visitor, post, typed):
    signed_in = customer.sign_in()
    link = link_for(customer, visitor, post, typed(customer))
    mail = post.last_to(customer.email)
    assert mail["Subject"] == f"[{customer.handle}] Set a new password"

    assert visitor.get(link).status_code == 200
    answer = visitor.post(link, {"password": NEW})

    assert answer.headers["Location"] == "/signin"
    assert signed_in.get("/area").status_code == 302
    told = post.last_to(customer.email)
    assert enter(customer, PASSWORD) == 422
    assert enter(customer, NEW) == 302
    acts = [
        entry.act
        for entry in ledger.entries_of(customer.account.pk, ledger.LedgerFilter("password")).rows
    ]
    assert acts == ["password.reset", "password.reset_asked"]
    assert "Your password was changed" in told["Subject"]


def test_the_browser_that_used_the_link_needs_no_mailed_code_for_an_hour(customer, visitor, post):
    customer.sign_in()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        visitor.post(link_for(customer, visitor, post), {"password": NEW})
        typed = {"identifier": customer.handle, "password": NEW}

        other = Client(HTTP_HOST="localhost").post("/signin", typed)
        assert other.headers["Location"].startswith("/signin/code"), "another browser does"
        assert (
            customer.browser.post("/signin", typed).headers["Location"].startswith("/signin/code")
        ), "and so does one that was known before"
        browser = visitor.cookies["browser"].value
        assert visitor.post("/signin", typed).headers["Location"] == "/area"
        late = Client(HTTP_HOST="localhost")
        late.cookies["browser"] = browser
        KnownBrowser.objects.all().update(digest="forgotten")
        clock.shift(timedelta(hours=1) - timedelta(seconds=1))
        assert late.post("/signin", typed).headers["Location"] == "/area", "to its last second"
        late.post("/signout")
        KnownBrowser.objects.all().delete()
        KnownBrowser.objects.create(
            account=customer.account,
            digest="another",
            network="203.0.113.7",
            first_at=timezone.now(),
            last_at=timezone.now(),
        )
        clock.shift(timedelta(seconds=1))
        assert late.post("/signin", typed).headers["Location"].startswith("/signin/code")


def test_a_reset_does_not_pass_by_the_second_factor(customer, visitor, post):
    """Not even in the browser that used the link, which is asked for no mailed code."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        seed, _codes = set_up_app(customer, days_ago=30)
        visitor.post(link_for(customer, visitor, post), {"password": NEW})
        half = visitor.post("/signin", {"identifier": customer.handle, "password": NEW})

        assert half.headers["Location"].startswith("/signin/factor")
        assert visitor.get("/area").status_code == 302
        wrong = visitor.post("/signin/factor", {"method": "app", "code": "000000"})
        assert wrong.status_code == 422
        clock.shift(timedelta(seconds=30))
        visitor.post("/signin/factor", {"method": "app", "code": app_code(seed)})
        assert visitor.get("/area").status_code == 200


def test_a_new_password_is_told_to_recovery_addresses_too(customer, visitor, post, now):
    customer.account.recovery_addresses.create(
        address="spare@example.net", address_key="spare@example.net", added_at=now, proven_at=now
    )
    visitor.post(link_for(customer, visitor, post), {"password": NEW})

    assert "Your password was changed" in post.last_to("spare@example.net")["Subject"]
    assert not Mail.objects.filter(
        recipient="spare@example.net", template="recovery/mail/reset_link"
    ).exists()


def test_opening_the_link_changes_nothing_however_often(customer, visitor, post):
    link = link_for(customer, visitor, post)
    for _ in range(3):
        visitor.get(link)
        visitor.head(link)

    assert enter(customer, PASSWORD) == 302
    assert visitor.post(link, {"password": NEW}).status_code == 302


def test_a_link_works_once(customer, visitor, post):
    link = link_for(customer, visitor, post)
    visitor.post(link, {"password": NEW})

    again = visitor.post(link, {"password": "yet another long phrase"})

    assert again.status_code == 410
    assert "Receive a new link" in again.content.decode()
    assert enter(customer, NEW) == 302


def test_a_link_lasts_an_hour(customer, visitor, post):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        link = link_for(customer, visitor, post)
        clock.shift(timedelta(hours=1) - timedelta(seconds=1))
        assert visitor.get(link).status_code == 200
        clock.shift(timedelta(seconds=1))
        assert visitor.get(link).status_code == 410
        assert visitor.post(link, {"password": NEW}).status_code == 410
    assert enter(customer, PASSWORD) == 302


def test_a_strangers_requests_leave_the_owners_link_good(customer, visitor, post):
    """Anybody may ask for links, while the owner is typing the new password."""
    mine = link_for(customer, visitor, post)
    stranger = Client(HTTP_HOST="localhost")
    for by_recovery in ("", "on") * 8:
        stranger.post("/password/lost", {"typed": customer.handle, "by_recovery": by_recovery})
        work()

    assert visitor.post(mine, {"password": NEW}).status_code == 302
    assert enter(customer, NEW) == 302


def test_requests_by_recovery_leave_the_allowance_of_the_primary_address(
    customer, visitor, post, now
):
    proven = now - timedelta(days=30)
    customer.account.recovery_addresses.create(
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=proven,
        proven_at=proven,
    )
    for _ in range(6):
        visitor.post("/password/lost", {"typed": customer.handle, "by_recovery": "on"})
        work()
    sent = Mail.objects.filter(template="recovery/mail/reset_link")
    assert sent.filter(recipient="spare@example.net").count() == 5

    assert visitor.post(link_for(customer, visitor, post), {"password": NEW}).status_code == 302


def test_using_one_link_voids_the_others(customer, visitor, post):
    first = link_for(customer, visitor, post)
    second = link_for(customer, visitor, post)
    assert visitor.get(first).status_code == visitor.get(second).status_code == 200

    visitor.post(first, {"password": NEW})

    assert visitor.get(second).status_code == 410


def test_the_present_password_is_no_new_one(customer, visitor, post):
    link = link_for(customer, visitor, post)

    refused = visitor.post(link, {"password": PASSWORD})

    assert refused.status_code == 422
    assert "the password you have already" in refused.content.decode()
    assert visitor.post(link, {"password": NEW}).status_code == 302


@pytest.mark.parametrize("mangled", ["x", "x" * 32, "%2E%2E", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, mangled):
    answer = visitor.get(f"/password/new/{mangled}")

    assert answer.status_code == 410
    assert "This link no longer works" in answer.content.decode()


def test_a_refused_password_leaves_the_link_good(customer, visitor, post):
    link = link_for(customer, visitor, post)

    refused = visitor.post(link, {"password": "short"})

    assert refused.status_code == 422
    assert "at least 15 characters" in refused.content.decode()
    assert visitor.post(link, {"password": NEW}).status_code == 302


def test_known_and_unknown_get_the_same_answer_at_the_same_cost(
    customer, visitor, django_assert_max_num_queries, django_assert_num_queries
):
    with django_assert_max_num_queries(8) as known:
        first = visitor.post("/password/lost", {"typed": customer.handle})
    for typed in ("zz999999-OVH", "nobody@example.org", "what?"):
        with django_assert_num_queries(len(known)):
            other = visitor.post("/password/lost", {"typed": typed})
        assert (other.status_code, shown(other)) == (first.status_code, shown(first))
    work()
    assert Mail.objects.count() == 1


def test_what_was_typed_does_not_lie_about_in_clear(visitor):
    visitor.post("/password/lost", {"typed": "nobody@example.org"})

    assert "nobody" not in str(Job.objects.values_list("payload", flat=True))


def test_a_recovery_address_gets_no_link(customer, visitor, now):
    customer.account.recovery_addresses.create(
        address="spare@example.net", address_key="spare@example.net", added_at=now, proven_at=now
    )
    ask(visitor, "spare@example.net")

    assert not PasswordReset.objects.exists()


def test_five_links_an_hour_reach_a_mailbox_and_the_page_says_the_same(customer, visitor):
    answers = {shown(ask(visitor, customer.handle)) for _ in range(7)}

    assert len(answers) == 1
    assert Mail.objects.filter(template="recovery/mail/reset_link").count() == 5


def test_one_network_asks_twenty_times_an_hour(visitor):
    for number in range(20):
        assert visitor.post("/password/lost", {"typed": f"n{number}"}).status_code == 200
    refused = visitor.post("/identifier/lost", {"address": "n@example.org"})

    assert refused.status_code == 429
    assert 'value="n@example.org"' in refused.content.decode()


def test_a_link_of_one_account_does_nothing_to_another(customer, stranger, visitor, post):
    link = link_for(stranger, visitor, post)
    visitor.post(link, {"password": NEW})

    assert enter(customer, PASSWORD) == 302
    assert enter(customer, NEW) == 422


def test_the_database_does_not_hold_the_link(customer, visitor, post):
    link = link_for(customer, visitor, post)
    secret = link.rpartition("/")[2]

    assert len(secret) >= 32
    assert secret not in str(PasswordReset.objects.values())
    assert secret not in str(Mail.objects.values())


def test_identifiers_of_an_address_are_mailed_to_it(customer, visitor, post, now):
    other = make_person("paul@example.org", **{**PERSON, "given_name": "Paul"})
    other.account.recovery_addresses.create(
        address=customer.email, address_key=customer.email, added_at=now, proven_at=now
    )
    answer = visitor.post("/identifier/lost", {"address": "DIANE@example.org"})
    work()

    told = text_of(post.last_to(customer.email))
    assert customer.handle in told
    assert other.handle in told
    unknown = visitor.post("/identifier/lost", {"address": "nobody@example.org"})
    work()
    assert shown(unknown) == shown(answer)
    assert Mail.objects.count() == 1


def test_the_identifiers_of_an_address_are_in_nobodys_list_of_mails(
    customer, contact, visitor, now
):
    """Its oldest account is another's: its owner saw the identifiers, and from where one asked."""
    contact.account.recovery_addresses.create(
        address=customer.email, address_key=customer.email, added_at=now, proven_at=now
    )
    Account.objects.filter(pk=contact.account.pk).update(created_at=now - timedelta(days=900))
    visitor.post("/identifier/lost", {"address": customer.email}, REMOTE_ADDR="198.51.100.77")
    work()

    mail = Mail.objects.get(template="recovery/mail/identifiers")
    assert mail.account_id is None
    for person in (customer, contact):
        assert person.sign_in().get(f"/account/mails/{mail.pk}").status_code == 404


def test_identifiers_go_to_the_address_as_it_is_stored(customer, contact, visitor, now):
    """Equal by its key is not the same mailbox: what a stranger typed gets nothing."""
    owner = make_person("strasse@example.org")
    contact.account.recovery_addresses.create(
        address="straße@example.org",
        address_key="strasse@example.org",
        added_at=now,
        proven_at=now,
    )
    visitor.post("/identifier/lost", {"address": "STRASSE@example.org"})
    work()

    mails = Mail.objects.filter(template="recovery/mail/identifiers")
    assert {mail.recipient: mail.context["handles"] for mail in mails} == {
        "strasse@example.org": [owner.handle],
        "straße@example.org": [contact.handle],
    }


def test_an_address_that_is_not_ascii_finds_its_identifiers_too(visitor, post, db):
    owner = make_person("élise@example.org")
    assert visitor.post("/identifier/lost", {"address": "élise@example.org"}).status_code == 200
    work()

    assert owner.handle in text_of(post.last_to("élise@example.org"))


@pytest.mark.parametrize("typed", ["", "nonsense", "a@b", "a\0b@example.org", "x" * 400])
def test_what_is_no_address_is_said_and_stays_in_the_field(visitor, typed, db):
    assert visitor.post("/identifier/lost", {"address": typed}).status_code in (400, 422)


def test_an_unproven_recovery_address_is_told_nothing(customer, visitor, now):
    customer.account.recovery_addresses.create(
        address="spare@example.net", address_key="spare@example.net", added_at=now
    )
    visitor.post("/identifier/lost", {"address": "spare@example.net"})
    work()

    assert not Mail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_link_pressed_eight_times_at_once_changes_the_password_once(
    customer, visitor, post, origin
):
    secret = link_for(customer, visitor, post).rpartition("/")[2]
    outcomes: list[str] = []

    def press(number: int) -> None:
        try:
            operations.set_new_password(
                secret=secret,
                password=f"phrase nouvelle numero {number}",
                act=Act(origin, timezone.now()),
            )
            outcomes.append("changed")
        except operations.LinkNotValid:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["changed"] + ["refused"] * 7
    assert Mail.objects.filter(template="signin/mail/password_changed").count() == 1
    assert not Session.objects.exists()
    assert Account.objects.get().password != ""
