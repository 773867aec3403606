"""An owner whose address was changed by its code: undo pauses, and the old address comes back."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts import primary
from nichandle.identity.accounts.models import Account
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.review import effect, reviewing
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.outcome import effect as change
from nichandle.identity.emailchange.outcome.undo import undo
from nichandle.identity.emailchange.telling import link
from nichandle.identity.pauses import operations as pauses_of
from nichandle.identity.pauses import queries as pauses
from nichandle.identity.pauses.operations import Paused, require
from nichandle.identity.signin.models import Session
from nichandle.platform.kernel import addresses
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.cases import make_reviewer
from tests.support.post import deliver, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db
THIEFS, DAY = "diane@thief.example", timedelta(days=1)


@pytest.fixture
def clock():
    with time_machine.travel(timezone.now(), tick=False) as moved:
        yield moved


@pytest.fixture
def robbed(customer, clock):
    """The thief had the mailbox for a minute; the owner reads it again and holds the undo link."""
    now = timezone.now()
    Account.objects.update(email_proven_at=now - timedelta(days=90))
    asked = Change.objects.create(
        account=customer.account,
        state=Change.State.OPEN,
        old_address=customer.email,
        old_proven_at=now - timedelta(days=90),
        new_address=THIEFS,
        new_key=addresses.key(THIEFS),
        asked_at=now,
        proven_at=now,
        code_entered_at=now,
        due_at=now,
        lapses_at=now + timedelta(days=7),
    )
    assert change.apply_due(now=now) == 1
    asked.refresh_from_db()
    return link(asked, "undo", customer.email, expires_at=now + timedelta(days=7))


def press(secret):
    return undo(secret=secret, act=Act.by_itself(timezone.now()))


def running(customer):
    return pauses.running(customer.account.pk, now=timezone.now())


def test_the_pause_lasts_until_the_case_is_decided(customer, robbed, clock):
    assert not press(robbed).restored
    clock.shift(timedelta(days=60))

    with pytest.raises(Paused) as refused:
        require(customer.account.pk, "email.change", now=timezone.now())
    assert Case.objects.get().number in str(refused.value)


def test_a_press_pauses_anew_once_the_case_is_decided(customer, robbed, clock):
    press(robbed)
    reviewer, case = make_reviewer("Ada"), Case.objects.get()
    values = {"number": case.number, "reviewer_id": reviewer.pk, "now": timezone.now()}
    reviewing.take(**values)
    reviewing.refuse(**values, reasons=["not_reached"], words="")
    clock.shift(4 * DAY)
    assert running(customer) is None

    press(robbed)

    assert running(customer)
    assert [one.state for one in Case.objects.order_by("pk")] == ["refused", "open"]
    assert not Session.objects.exists()


def test_pressed_again_while_it_runs_it_is_one_case_and_one_mail(customer, robbed, clock):
    for _ in range(6):
        press(robbed)
        clock.shift(timedelta(hours=20))

    assert Case.objects.count() == 1
    assert Mail.objects.filter(template="emailchange/mail/contested", recipient=THIEFS).count() == 1
    pause = running(customer)
    assert pause
    assert pause.ends_at > timezone.now() + 2 * DAY


def test_two_contested_changes_are_two_cases_and_the_pause_waits_for_both(customer, robbed, clock):
    press(robbed)
    first = Case.objects.get()
    hold = {"account_id": customer.account.pk, "cause": "change_undone", "now": timezone.now()}
    pauses_of.hold(**hold, number="D-AAAA-AAAA")
    clock.shift(30 * DAY)

    pauses_of.release(first.number)
    assert running(customer).held_by == "D-AAAA-AAAA"
    pauses_of.release("D-AAAA-AAAA")
    assert running(customer) is None


def test_the_case_gives_the_old_address_back(customer, robbed, clock):
    press(robbed)
    case = Case.objects.get()
    assert case.new_address == customer.email
    for name in ("Ada", "Bo"):
        values = {"number": case.number, "reviewer_id": make_reviewer(name).pk}
        reviewing.take(**values, now=timezone.now())
        reviewing.approve(
            **values,
            ticks=[],
            method="",
            words="called back",
            now=timezone.now(),
        )
    deliver()
    # Longer than undo: it is kept for this account all the while.
    clock.shift(9 * DAY)
    assert (
        primary.belongs_to_another(
            addresses.key(customer.email), customer.account.pk, now=timezone.now()
        )
        is False
    )
    effect.apply_due(now=timezone.now())

    account = Account.objects.get(pk=customer.account.pk)
    assert (account.email, account.password) == (customer.email, "")
    assert Case.objects.get().state == "done"
    assert Mail.objects.filter(template="recovery/mail/given_back", recipient=customer.email)
    pause = running(customer)
    assert pause
    assert (pause.cause, pause.held_by) == ("case_effect", "")


def test_the_procedure_takes_the_accounts_own_former_address(customer, robbed, clock):
    press(robbed)
    visitor = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    page = visitor.post(
        "/procedure",
        {"kind": "address_lost", "typed": customer.handle, "address": customer.email},
    ).headers["Location"]
    answer = visitor.post(page, {"code": waiting_code("cases/mail/code", customer.email)})
    assert answer.status_code == 302
    visitor.post(page, {"holder": "individual", "words": ""})
    visitor.post(f"{page}/send")
    work()

    case = Case.objects.get(kind="address_lost")
    assert (case.state, case.account_id) == ("open", customer.account.pk)


def test_another_account_does_not_get_an_address_that_is_kept(customer, stranger, robbed):
    visitor = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    page = visitor.post(
        "/procedure",
        {"kind": "address_lost", "typed": stranger.handle, "address": customer.email},
    ).headers["Location"]
    visitor.post(page, {"code": waiting_code("cases/mail/code", customer.email)})
    visitor.post(page, {"holder": "individual", "words": ""})
    visitor.post(f"{page}/send")
    work()

    case = Case.objects.get(kind="address_lost")
    assert (case.state, case.reasons) == ("refused", ["address_in_use"])


def test_an_address_that_opens_an_account_is_refused_as_before(customer, stranger, robbed):
    visitor = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    page = visitor.post(
        "/procedure",
        {"kind": "address_lost", "typed": customer.handle, "address": stranger.email},
    ).headers["Location"]

    answer = visitor.post(page, {"code": waiting_code("cases/mail/code", stranger.email)})

    assert answer.status_code == 422
