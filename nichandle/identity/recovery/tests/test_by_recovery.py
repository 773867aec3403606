"""A new password through a recovery address: only an established one, and not behind one's back."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.notme.operations import mint
from nichandle.identity.pauses import queries as pauses
from nichandle.identity.pauses.operations import AddressTooYoung, ask_to_shorten
from nichandle.identity.recovery.models import PasswordReset, ResetStop
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD
from tests.support.post import text_of
from tests.support.worker import work

pytestmark = pytest.mark.django_db
NEW = "carafe violette sur le quai"
RESET, STOP = re.compile(r"/password/new/\S+"), re.compile(r"/password/stop/\S+")
SPARE = "spare@example.net"


def shown(answer) -> str:
    """Return a page without what every page has anew."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def ask(browser, customer):
    answer = browser.post("/password/lost", {"typed": customer.handle, "by_recovery": "on"})
    work()
    return answer


def link(pattern, post, address):
    found = pattern.search(text_of(post.last_to(address)))
    assert found
    return found[0]


def recovery(customer, age, **more):
    proven = timezone.now() - age
    return customer.account.recovery_addresses.create(
        address=SPARE, address_key=SPARE, added_at=proven, proven_at=proven, **more
    )


@pytest.fixture
def spare(customer):
    return recovery(customer, timedelta(days=8))


def test_it_sets_the_password_tells_the_primary_and_pauses(customer, visitor, post, spare):
    ask(visitor, customer)
    assert "through a recovery address" in post.last_to(customer.email)["Subject"]

    visitor.post(link(RESET, post, SPARE), {"password": NEW})

    assert (
        visitor.post("/signin", {"identifier": customer.handle, "password": NEW}).status_code == 302
    )
    pause = pauses.running(customer.account.pk, now=timezone.now())
    assert pause
    assert pause.cause == "reset_by_recovery"
    assert pause.ends_at - pause.began_at == timedelta(hours=72)
    assert "Your password was changed" in post.last_to(customer.email)["Subject"]


def test_the_primary_address_stops_it_and_the_next_ones_for_a_day(customer, visitor, post, spare):
    ask(visitor, customer)
    reset, stop = link(RESET, post, SPARE), link(STOP, post, customer.email)
    visitor.get(stop)
    visitor.head(stop)
    assert visitor.get(reset).status_code == 200

    assert visitor.post(stop, {"meaning": "stop"}).status_code == 200

    assert visitor.post(reset, {"password": NEW}).status_code == 410
    assert visitor.post(stop, {"meaning": "stop"}).status_code == 410
    ask(visitor, customer)
    assert not PasswordReset.objects.filter(ended_at=None).exists()
    assert customer.sign_in().get("/area").status_code == 200
    stopped_at = ResetStop.objects.get().used_at
    with time_machine.travel(stopped_at + timedelta(hours=24), tick=False) as clock:
        clock.shift(timedelta(seconds=-1))
        ask(visitor, customer)
        assert not PasswordReset.objects.filter(ended_at=None).exists()
        clock.shift(timedelta(seconds=1))
        ask(visitor, customer)
        assert PasswordReset.objects.filter(ended_at=None).exists()


def test_one_customers_stop_stops_nobody_elses(customer, stranger, visitor, post, spare):
    other = "other-spare@example.org"
    proven = timezone.now() - timedelta(days=8)
    stranger.account.recovery_addresses.create(
        address=other, address_key=other, added_at=proven, proven_at=proven
    )
    ask(visitor, customer)
    ask(visitor, stranger)
    visitor.post(link(STOP, post, customer.email), {"meaning": "stop"})

    assert visitor.post(link(RESET, post, other), {"password": NEW}).status_code == 302
    assert not PasswordReset.objects.filter(account=customer.account, ended_at=None).exists()


@pytest.mark.parametrize(("late", "status"), [(-1, 200), (0, 410)])
def test_a_stop_link_lasts_as_long_as_the_links_it_stops(
    customer, visitor, post, spare, late, status
):
    ask(visitor, customer)
    stop = link(STOP, post, customer.email)
    made = ResetStop.objects.get().created_at
    with time_machine.travel(made + timedelta(hours=1, seconds=late), tick=False):
        assert visitor.post(stop, {"meaning": "stop"}).status_code == status
    assert PasswordReset.objects.filter(ended_at=None).exists() is (status == 410)


@pytest.mark.parametrize("age", [timedelta(minutes=1), timedelta(days=6, hours=23)])
def test_a_just_added_recovery_address_resets_nothing(customer, visitor, age):
    recovery(customer, age)

    answer = ask(visitor, customer)

    assert answer.status_code == 200
    assert not Mail.objects.filter(recipient=SPARE).exists()


def test_one_given_at_creation_counts_at_once(customer, visitor):
    recovery(customer, timedelta(minutes=1), at_creation=True)
    ask(visitor, customer)

    assert Mail.objects.filter(recipient=SPARE, template="recovery/mail/reset_link").exists()


def test_without_any_the_page_says_the_same(customer, visitor):
    known, unknown = (
        visitor.post("/password/lost", {"typed": typed, "by_recovery": "on"})
        for typed in (customer.handle, "zz999999-OVH")
    )
    work()

    assert known.status_code == unknown.status_code == 200
    assert shown(known) == shown(unknown)
    assert not Mail.objects.filter(template="recovery/mail/reset_link").exists()
    assert (
        customer.browser.post(
            "/signin", {"identifier": customer.handle, "password": PASSWORD}
        ).status_code
        == 302
    )


def test_the_address_that_set_the_password_does_not_end_the_wait_it_began(
    customer, visitor, post, spare, origin, now
):
    """The wait is there to find out whose mailbox that is; the primary address may end it."""
    Account.objects.update(email_proven_at=now - timedelta(days=30))
    ask(visitor, customer)
    visitor.post(link(RESET, post, SPARE), {"password": NEW})
    running = pauses.all_running(customer.account.pk, now=timezone.now())

    assert pauses.addresses_that_shorten(running) == [customer.email]
    with pytest.raises(AddressTooYoung):
        ask_to_shorten(
            account_id=customer.account.pk, address=SPARE, act=Act(origin, timezone.now())
        )


def test_a_stop_that_comes_too_late_says_so(customer, visitor, post, spare):
    """Its page used to promise that the password stays as it is."""
    ask(visitor, customer)
    reset, stop = link(RESET, post, SPARE), link(STOP, post, customer.email)
    visitor.post(reset, {"password": NEW})

    for answer in (visitor.get(stop), visitor.post(stop, {"meaning": "stop"})):
        said = answer.content.decode()
        assert answer.status_code == 410
        assert "Too late to stop it" in said
        assert "stays as it is" not in said
        assert 'href="/procedure"' in said
    assert not ResetStop.objects.filter(used_at__isnull=False).exists()


def test_a_stop_pressed_while_the_password_is_being_set_is_too_late_or_in_time(
    customer, visitor, post, spare
):
    ask(visitor, customer)
    reset, stop = link(RESET, post, SPARE), link(STOP, post, customer.email)
    visitor.post(stop, {"meaning": "stop"})

    answer = visitor.post(reset, {"password": NEW})

    assert answer.status_code == 410
    assert "a password was set meanwhile, or it was stopped" in answer.content.decode()


def test_after_not_me_elsewhere_the_primary_mailbox_stops_nothing(customer, visitor, post, spare):
    """A thief reads the primary mailbox: stop links would keep the owner out for ever."""
    secret = mint(
        account_id=customer.account.pk,
        event="signin.succeeded",
        address=SPARE,
        now=timezone.now(),
    )
    ask(visitor, customer)
    before = link(STOP, post, customer.email)
    assert visitor.post(before, {"meaning": "stop"}).status_code == 200
    visitor.post(f"/not-me/{secret}", {"meaning": "not_me"})

    ask(visitor, customer)

    assert ResetStop.objects.count() == 1
    assert visitor.post(link(RESET, post, SPARE), {"password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("used", "has set a password already"),
        ("another", "a password was set meanwhile"),
        ("old", "good for an hour"),
        ("mangled", "is not complete"),
    ],
)
def test_a_link_says_what_became_of_it(customer, visitor, post, what, sentence):
    visitor.post("/password/lost", {"typed": customer.handle})
    work()
    reset, later = link(RESET, post, customer.email), timedelta(0)
    if what == "used":
        visitor.post(reset, {"password": NEW})
    elif what == "another":
        visitor.post("/password/lost", {"typed": customer.handle})
        work()
        visitor.post(link(RESET, post, customer.email), {"password": NEW})
    elif what == "old":
        later = timedelta(hours=1)
    else:
        reset = reset[:-3]

    with time_machine.travel(timezone.now() + later, tick=False):
        answer = visitor.get(reset)

    assert answer.status_code == 410
    assert sentence in answer.content.decode()
    assert "Receive a new link" in answer.content.decode()


def test_a_stop_link_does_not_offer_a_new_link(customer, visitor, post, spare):
    ask(visitor, customer)
    stop = link(STOP, post, customer.email)
    visitor.post(stop, {"meaning": "stop"})

    said = visitor.get(stop).content.decode()

    assert "stopped with this link already" in said
    assert "Receive a new link" not in said


def test_what_goes_nowhere_spends_nothing_of_the_owners(customer, visitor):
    for _ in range(5):
        ask(visitor, customer)
    work()
    assert not Mail.objects.filter(template="recovery/mail/reset_link").exists()

    visitor.post("/password/lost", {"typed": customer.handle})
    work()
    assert Mail.objects.filter(recipient=customer.email).count() == 1
