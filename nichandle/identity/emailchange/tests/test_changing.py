"""A change of the primary address, through the pages and the mails, by every way it may end."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import RecoveryAddress
from nichandle.identity.accounts.operations import AddressTaken
from nichandle.identity.cases.models import Case
from nichandle.identity.emailchange.jobs import due
from nichandle.identity.emailchange.models import Change
from nichandle.identity.emailchange.operations import request_change
from nichandle.identity.emailchange.outcome import effect, endings
from nichandle.identity.emailchange.queries import progress
from nichandle.identity.emailchange.tests.journey import NEW, PROOF, SPARE, UNDO, VETO, recovery
from nichandle.identity.notme.operations import mint
from nichandle.identity.pauses import queries as pauses
from nichandle.identity.pauses.operations import begin
from nichandle.identity.recovery.not_me import disown
from nichandle.platform.audit import queries as ledger
from nichandle.platform.jobs.registry import never
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.outbox import operations
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, make_person
from tests.support.post import text_of, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def acts(journey) -> list[str]:
    rows = ledger.entries_of(journey.customer.account.pk).rows
    return [row.act for row in rows if row.act.startswith("email.")]


def test_with_code_and_proof_it_is_made_at_once(journey):
    other = Client(HTTP_HOST="localhost")
    journey.customer.sign_in(other)
    journey.ask()
    code = journey.code(journey.customer.email)
    page = journey.browser.get("/account/address").content.decode()
    assert "I have received my validation code" in page
    assert "Will be accepted automatically on" in page
    assert journey.prove().status_code == 200
    assert journey.email == journey.customer.email

    answer = journey.browser.post("/account/address/code", {"code": code}, follow=True)

    assert f"Your primary address is now {NEW}." in answer.content.decode()
    assert journey.email == NEW
    assert journey.browser.get("/area").status_code == 200
    assert other.get("/area").status_code == 302
    assert pauses.running(journey.customer.account.pk, now=timezone.now()) is None
    assert "Your primary address has changed" in journey.subjects(NEW)[-1]
    assert journey.link(UNDO, journey.customer.email)
    assert acts(journey)[:2] == ["email.changed", "email.change_approved"]
    browser = Client(HTTP_HOST="localhost")
    assert browser.post("/signin", {"identifier": NEW, "password": PASSWORD}).status_code == 302


def test_the_code_first_and_then_the_proof_makes_it_too(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    assert journey.email == journey.customer.email

    answer = journey.prove()

    assert "is the primary address now" in answer.content.decode()
    assert journey.email == NEW


def test_the_mail_with_the_code_says_what_it_approves(journey):
    journey.ask()
    message = text_of(journey.post.last_to(journey.customer.email))

    assert NEW in message
    assert journey.customer.handle in message
    assert "not before" in message
    assert VETO.search(message)


def test_without_an_answer_it_is_accepted_after_24_hours(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=23, minutes=59)
    assert journey.email == journey.customer.email
    assert "changes in four hours" in " ".join(journey.subjects(journey.customer.email))

    journey.wait(minutes=2)

    assert journey.email == NEW
    assert journey.browser.get("/area").status_code == 302
    pause = pauses.running(journey.customer.account.pk, now=timezone.now())
    assert pause
    assert pause.cause == "change_by_silence"
    assert pause.ends_at - pause.began_at == timedelta(days=7)


def test_a_typo_and_silence_change_nothing(journey):
    """Nobody proves the new address: nobody is locked out."""
    journey.ask("diane@nwe.example")
    journey.wait(days=8)

    assert journey.email == journey.customer.email
    assert journey.state == "lapsed"
    assert "has ended" in journey.subjects(journey.customer.email)[-1]


def test_a_late_proof_still_leaves_four_hours(journey):
    journey.ask()
    journey.wait(hours=30)
    journey.prove()
    journey.wait(hours=3, minutes=59)
    assert journey.email == journey.customer.email
    assert "is proven" in journey.subjects(journey.customer.email)[-1]

    journey.wait(minutes=2)

    assert journey.email == NEW


def test_silence_counts_only_from_delivery(journey):
    """The mail server is down for a day and a half: the clock waits."""
    journey.ask(deliver=False)
    assert "begin when the mail to your current address" in (
        journey.browser.get("/account/address").content.decode()
    )
    asked = timezone.now()
    journey.clock.shift(timedelta(hours=36))
    due(timezone.now, never)
    journey.prove()
    journey.wait(hours=23)
    assert journey.email == journey.customer.email
    journey.wait(hours=2)

    assert journey.email == NEW
    assert timezone.now() - asked >= timedelta(hours=60)


def outage(journey) -> None:
    """The mail server is away for longer than the outbox goes on trying."""
    journey.clock.shift(timedelta(days=3, minutes=1))
    work(timezone.now())
    assert operations.give_up_old(error="away", now=timezone.now())


def test_a_code_given_up_in_an_outage_is_mailed_anew(journey):
    recovery(journey.customer)
    journey.ask(deliver=False)
    journey.browser.post("/account/address/again", {"what": "code"})
    outage(journey)

    waiting = Mail.objects.filter(state="queued").exclude(recipient=NEW).order_by("template")
    assert [(mail.template.rpartition("/")[2], mail.recipient) for mail in waiting] == [
        ("code", journey.customer.email),
        ("warning", SPARE),
    ]
    code = journey.code(journey.customer.email)
    browser = journey.customer.sign_in(Client(HTTP_HOST="localhost"))
    browser.post("/account/address/again", {"what": "proof"})
    journey.prove()
    browser.post("/account/address/code", {"code": code})
    assert journey.email == NEW


@pytest.mark.parametrize("part", ["reminder", "proven"])
def test_an_outage_of_more_than_three_days_delays_and_ends_nothing(journey, part):
    journey.ask()
    if part == "proven":
        journey.wait(hours=21)
        journey.visitor.post(journey.link(PROOF, NEW))
    else:
        journey.prove()
        journey.wait(hours=19, minutes=59)
        journey.clock.shift(timedelta(minutes=10))
        due(timezone.now, never)
    assert Mail.objects.filter(template=f"emailchange/mail/{part}", state="queued").exists()
    outage(journey)
    assert journey.email == journey.customer.email

    journey.wait(hours=5)

    assert journey.email == NEW


def test_a_mail_that_cannot_be_made_is_not_written_again_and_again(journey):
    journey.ask(deliver=False)
    mail = Mail.objects.get(template="emailchange/mail/code")
    operations.give_up(mail, error="broken", now=timezone.now())

    assert not Mail.objects.filter(template="emailchange/mail/code", state="queued").exists()


def test_what_is_due_is_not_over_however_late_the_worker(customer, contact):
    """More due than one batch takes, all older than seven days: none of them lapses."""
    now = timezone.now()
    for number, person in enumerate((customer, contact)):
        request_change(
            account_id=person.account.pk,
            address=f"n{number}@new.example",
            origin=NOWHERE,
            now=now - timedelta(days=8),
        )
    Change.objects.update(
        proven_at=now - timedelta(days=8),
        due_at=now - timedelta(days=7),
        lapses_at=now - timedelta(days=1),
    )

    effect.apply_due(now=now, at_once=1)
    assert endings.lapse_due(now=now) == 0
    effect.apply_due(now=now, at_once=1)

    assert set(Change.objects.values_list("state", flat=True)) == {"done"}


def test_a_worker_that_was_away_applies_nothing_early(journey):
    """Nobody reminded: silence has not been heard to its end."""
    journey.ask()
    journey.prove()
    journey.clock.shift(timedelta(days=3))

    due(timezone.now, never)

    assert journey.email == journey.customer.email
    journey.wait(hours=5)
    assert journey.email == NEW


def bounce(address: str) -> None:
    """The mail server refuses what waits for an address, for good."""
    for mail in Mail.objects.filter(recipient=address, state="queued"):
        operations.refuse(mail, error="550 no such user", now=timezone.now())


def test_a_dead_mailbox_is_answered_for_by_an_established_recovery_address(journey):
    recovery(journey.customer)
    journey.ask(deliver=False)
    bounce(journey.customer.email)
    journey.prove()
    for _ in range(60):
        bounce(journey.customer.email)
        journey.wait(minutes=30)

    assert journey.email == NEW


def test_a_dead_mailbox_without_one_leads_to_the_procedure(journey):
    recovery(journey.customer, age=timedelta(days=2))
    journey.ask(deliver=False)
    bounce(journey.customer.email)
    journey.prove()
    page = journey.browser.get("/account/address").content.decode()
    assert "refuses our mail" in page
    assert "/procedure" in page
    for _ in range(60):
        bounce(journey.customer.email)
        journey.wait(minutes=30)

    assert journey.email == journey.customer.email


def test_a_mail_accepted_and_then_refused_does_not_count(journey):
    """The first mail was taken, the reminder is refused for good: silence says nothing."""
    journey.ask()
    journey.prove()
    journey.wait(hours=19, minutes=50)
    journey.clock.shift(timedelta(minutes=20))
    endings.remind_due(now=timezone.now())
    bounce(journey.customer.email)
    journey.wait(hours=48)

    assert journey.email == journey.customer.email


def test_a_veto_ends_it_and_offers_to_make_the_account_safe(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)
    for _ in range(3):
        assert journey.visitor.get(link).status_code == 200
        journey.visitor.head(link)
    assert journey.state == "todo"

    answer = journey.visitor.post(link)

    assert journey.state == "refused"
    assert "/not-me/" in answer.content.decode()
    journey.prove()
    journey.wait(days=2)
    assert journey.email == journey.customer.email
    assert journey.visitor.post(link).status_code == 410
    safe = re.search(r"/not-me/[^\"]+", answer.content.decode())
    assert safe
    assert journey.visitor.post(safe[0]).status_code == 302
    assert journey.browser.get("/area").status_code == 302


def test_a_veto_of_an_older_mail_ends_the_present_request(journey):
    journey.ask("first@new.example")
    link = journey.link(VETO, journey.customer.email)
    journey.ask("second@new.example")

    journey.visitor.post(link)

    assert journey.state == "refused"


def test_a_veto_after_the_deadline_wins_while_nothing_is_written(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)
    journey.prove()
    journey.wait(hours=23, minutes=59)
    journey.clock.shift(timedelta(hours=6))

    assert journey.visitor.post(link).status_code == 200

    journey.wait(hours=1)
    assert journey.email == journey.customer.email


def test_a_veto_after_acceptance_says_what_to_do(journey):
    journey.ask()
    link = journey.link(VETO, journey.customer.email)
    journey.prove()
    journey.wait(hours=25)
    assert journey.email == NEW

    answer = journey.visitor.post(link)

    assert answer.status_code == 410
    assert "holds a link that undoes it" in answer.content.decode()


def test_an_established_recovery_address_vetoes_a_young_one_only_hears(journey):
    recovery(journey.customer)
    recovery(journey.customer, "young@example.net", timedelta(days=1))
    journey.ask()
    assert "is to change" in journey.subjects("young@example.net")[-1]
    with pytest.raises(AssertionError):
        journey.link(VETO, "young@example.net")

    journey.visitor.post(journey.link(VETO, SPARE))

    assert journey.state == "refused"


def test_the_owners_recovery_address_removed_first_still_vetoes(journey):
    """A thief removes it and asks at once: it keeps notices, veto and undo for seven days."""
    spare = recovery(journey.customer)
    spare.removed_at = timezone.now()
    spare.save()
    journey.ask()
    journey.prove()
    assert journey.link(VETO, SPARE)
    journey.wait(hours=25)
    assert journey.email == NEW

    journey.visitor.post(journey.link(UNDO, SPARE))

    assert journey.email == journey.customer.email


def test_after_silence_the_old_address_undoes_alone(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    link = journey.link(UNDO, journey.customer.email)
    for _ in range(3):
        journey.visitor.get(link)
    assert journey.email == NEW

    answer = journey.visitor.post(link)

    assert "/not-me/" in answer.content.decode()
    assert journey.email == journey.customer.email
    assert journey.state == "undone"
    assert "was restored" in journey.subjects(NEW)[-1]
    assert journey.visitor.post(link).status_code == 410
    assert pauses.running(journey.customer.account.pk, now=timezone.now())


def test_after_the_code_the_old_mailbox_alone_only_pauses(journey):
    """It may be the stolen or the abandoned one."""
    journey.ask()
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    link = journey.link(UNDO, journey.customer.email)

    answer = journey.visitor.post(link)

    assert "Customer service looks into it" in answer.content.decode()
    assert journey.email == NEW
    assert journey.state == "done"
    assert journey.browser.get("/area").status_code == 302
    pause = pauses.running(journey.customer.account.pk, now=timezone.now())
    assert pause
    assert pause.cause == "change_undone"
    journey.visitor.post(link)
    assert len(pauses.all_running(journey.customer.account.pk, now=timezone.now())) == 1


def test_after_the_code_an_established_recovery_address_confirms_the_undo(journey):
    recovery(journey.customer)
    journey.ask()
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    link = journey.link(UNDO, journey.customer.email)
    page = journey.visitor.post(link)
    assert "A code is on its way to your recovery address" in page.content.decode()
    code = journey.code(SPARE)

    wrong = journey.visitor.post(f"{link}/code", {"code": "BBBB-BBBB"})
    assert wrong.status_code == 422
    assert journey.email == NEW
    journey.visitor.post(f"{link}/code", {"code": code})

    assert journey.email == journey.customer.email


def test_a_recovery_address_younger_than_the_request_confirms_nothing(journey):
    recovery(journey.customer, age=timedelta(days=6))
    journey.ask()
    journey.prove()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.customer.email)})
    journey.wait(days=2)

    answer = journey.visitor.post(journey.link(UNDO, journey.customer.email))

    assert "Customer service looks into it" in answer.content.decode()


def test_the_undo_lasts_seven_days(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    link = journey.link(UNDO, journey.customer.email)
    journey.clock.shift(timedelta(days=7))

    assert journey.visitor.post(link).status_code == 410
    assert journey.email == NEW


def changed_by_code(journey, address: str) -> str:
    """Change by code, and return the undo of that change."""
    before = journey.email
    journey.browser.post("/account/address", {"address": address})
    journey.prove(address)
    journey.browser.post("/account/address/code", {"code": journey.code(before)})
    assert journey.email == address
    return journey.link(UNDO, before)


ORDERS = [(0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1), (2, 1, 0), (0, 1, 2), (1, 0, 2)]


@pytest.mark.parametrize("order", ORDERS)
def test_of_several_undos_the_earliest_wins_in_every_order(journey, order):
    """A→B→C→D: each undo restores what was before its change; what came later is void."""
    recovery(journey.customer)
    places = [journey.customer.email, "b@new.example", "c@new.example", "d@new.example"]
    links = [changed_by_code(journey, address) for address in places[1:]]
    reached = len(links)
    for chosen in order:
        answer = journey.visitor.post(links[chosen])
        if chosen >= reached:
            assert answer.status_code == 410
            continue
        code = journey.code(SPARE)
        journey.visitor.post(f"{links[chosen]}/code", {"code": code})
        reached = chosen
        assert journey.email == places[chosen]
    assert journey.email == places[min(order)]


@pytest.mark.parametrize("proven", [False, True])
def test_a_recovery_address_that_was_primary_comes_back_though_added_again(journey, proven):
    """A→SPARE→C, SPARE added anew, and the undo of the first: one row of SPARE remains, the old."""
    old = recovery(journey.customer)
    recovery(journey.customer, "third@example.net")
    first = changed_by_code(journey, SPARE)
    changed_by_code(journey, "c@new.example")
    place = journey.browser.post("/account/recovery-addresses", {"address": SPARE})
    if proven:
        journey.browser.post(place.headers["Location"], {"code": journey.code(SPARE)})
    journey.visitor.post(first)

    answer = journey.visitor.post(f"{first}/code", {"code": journey.code("third@example.net")})

    assert answer.status_code == 200
    assert journey.email == journey.customer.email
    rows = RecoveryAddress.objects.filter(address=SPARE, removed_at=None)
    assert [row.pk for row in rows] == [old.pk]


def test_an_address_that_may_come_back_is_nobody_elses(journey, contact):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    other = contact.sign_in()
    other.post("/account/address", {"address": journey.customer.email})
    assert Change.objects.get(account=contact.account).taken

    journey.visitor.post(journey.link(UNDO, journey.customer.email))

    assert journey.email == journey.customer.email


def test_nobody_can_create_an_account_with_a_kept_address(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)

    with pytest.raises(AddressTaken):
        make_person(journey.customer.email)


def test_asked_twice_for_the_same_it_is_asked_once(journey):
    journey.ask()
    mails = Mail.objects.count()
    journey.ask()

    assert Change.objects.count() == 1
    assert Mail.objects.count() == mails


def test_a_newer_request_replaces_the_open_one(journey):
    journey.ask("first@new.example")
    first = journey.link(PROOF, "first@new.example")
    journey.ask("second@new.example")

    assert journey.visitor.post(first).status_code == 410
    states = Change.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["replaced", "todo"]


def test_three_requests_a_day(journey):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
    answer = journey.ask("n4@new.example")

    assert answer.status_code == 429
    assert "n4@new.example" in answer.content.decode()


def test_a_withdrawn_one_is_over(journey):
    journey.ask()
    journey.browser.post("/account/address/withdraw")
    assert journey.state == "withdrawn"
    again = journey.browser.post("/account/address/withdraw", follow=True)
    assert "No change of address is under way" in again.content.decode()


@pytest.mark.parametrize("address", ["", "not an address", "diane@example.org", "a@b", "é" * 300])
def test_what_cannot_be_an_address_loses_nothing(journey, address):
    answer = journey.ask(address)

    assert answer.status_code == 422
    assert not Change.objects.exists()


def test_a_young_recovery_address_cannot_become_the_primary(journey):
    recovery(journey.customer, age=timedelta(days=3))
    answer = journey.ask(SPARE)

    assert answer.status_code == 422
    assert "younger than 7 days" in answer.content.decode()


def test_an_established_one_can_and_is_a_recovery_address_again_after_an_undo(journey):
    recovery(journey.customer)
    journey.ask(SPARE)
    journey.prove(SPARE)
    journey.wait(hours=25)
    assert journey.email == SPARE
    assert not journey.customer.account.recovery_addresses.filter(removed_at=None).exists()

    journey.visitor.post(journey.link(UNDO, journey.customer.email))

    assert journey.customer.account.recovery_addresses.filter(removed_at=None).count() == 1


def test_a_session_older_than_ten_minutes_is_asked_again(journey):
    journey.clock.shift(timedelta(minutes=11))

    answer = journey.ask()

    assert "Sign in again" in answer.content.decode()
    assert not Change.objects.exists()


def test_codes_are_sent_again_three_times_and_the_clock_is_unmoved(journey):
    journey.ask()
    first = journey.code(journey.customer.email)
    before = Change.objects.get().lapses_at
    journey.wait(minutes=20)
    for _ in range(3):
        journey.browser.post("/account/address/again", {"what": "code"})
    last = journey.code(journey.customer.email)
    answer = journey.browser.post("/account/address/again", {"what": "code"}, follow=True)
    assert "three times again already" in answer.content.decode()
    assert journey.browser.post("/account/address/code", {"code": first}).status_code == 422
    journey.prove()
    assert Change.objects.get().lapses_at == before

    journey.browser.post("/account/address/code", {"code": last})

    assert journey.email == NEW


def test_wrong_codes_say_how_many_are_left_and_the_tenth_ends_it(journey):
    journey.ask()
    for left in range(9, 0, -1):
        answer = journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"})
        assert answer.status_code == 422
        assert f"You have {left} tries left today" in answer.content.decode()
    answer = journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"}, follow=True)

    assert "tenth wrong code" in answer.content.decode()
    assert journey.state == "refused"


def test_wrong_codes_count_across_requests(journey):
    journey.ask("first@new.example")
    for _ in range(6):
        journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"})
    journey.ask("second@new.example")
    for _ in range(4):
        journey.browser.post("/account/address/code", {"code": "BBBB-BBBB"})

    assert journey.state == "refused"


def test_the_code_of_one_request_is_worth_nothing_for_the_next(journey):
    journey.ask("first@new.example")
    code = journey.code(journey.customer.email)
    journey.ask("second@new.example")

    assert journey.browser.post("/account/address/code", {"code": code}).status_code == 422


def test_links_of_one_kind_or_account_open_nothing_else(journey, contact):
    journey.ask()
    secret = journey.link(PROOF, NEW).rpartition("/")[2]
    for kind in ("veto", "undo"):
        assert journey.visitor.post(f"/change/{kind}/{secret}").status_code == 410
    assert journey.state == "todo"


def test_after_three_vetoes_a_case_is_offered(journey):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
        journey.visitor.post(journey.link(VETO, journey.customer.email))

    page = journey.browser.get("/account/address").content.decode()
    assert "Let customer service decide" in page
    answer = journey.browser.post("/account/address", {"address": NEW, "by": "case"})
    case = Case.objects.get()
    assert (case.kind, case.state, case.new_address) == ("change_vetoed", "filing", NEW)
    assert not Change.objects.filter(state="todo").exists()
    place = answer.headers["Location"]
    code = waiting_code("cases/mail/code", NEW)
    journey.browser.post(place, {"code": code})
    journey.browser.post(place, {"holder": "individual", "words": ""})
    journey.browser.post(f"{place}/send")
    work(timezone.now())
    case.refresh_from_db()
    assert (case.state, case.account_id) == ("open", journey.customer.account.pk)


def test_before_three_vetoes_no_case_is_opened(journey):
    journey.ask("n1@new.example")
    journey.visitor.post(journey.link(VETO, journey.customer.email))

    answer = journey.browser.post("/account/address", {"address": NEW, "by": "case"})

    assert answer.status_code == 422
    assert "only after three refusals" in answer.content.decode()
    assert not Case.objects.exists()


def test_during_a_pause_nothing_is_asked(journey, origin):
    begin(
        account_id=journey.customer.account.pk,
        cause="change_undone",
        origin=origin,
        now=timezone.now(),
    )
    answer = journey.ask()

    assert answer.status_code == 403
    assert "has to wait until" in answer.content.decode()


def test_a_pause_that_began_since_puts_silence_off(journey, origin):
    journey.ask()
    journey.prove()
    journey.wait(hours=23)
    begin(
        account_id=journey.customer.account.pk,
        cause="reset_by_recovery",
        origin=origin,
        now=timezone.now(),
    )
    journey.wait(hours=71)
    assert journey.email == journey.customer.email

    journey.wait(hours=2)

    assert journey.email == NEW


def test_a_change_asked_before_a_disowned_act_is_held_and_resumed_by_its_owner(journey, origin):
    journey.ask()
    journey.prove()
    journey.clock.shift(timedelta(hours=1))
    secret = mint(
        account_id=journey.customer.account.pk,
        event="signin.succeeded",
        address=journey.customer.email,
        now=timezone.now(),
    )
    done = disown(secret=secret, origin=origin, now=timezone.now())
    chosen = "carafe violette sur quai"
    journey.visitor.post(f"/password/new/{done.secret}", {"password": chosen})
    journey.wait(hours=30)
    assert journey.email == journey.customer.email
    assert journey.state == "todo"
    owner = journey.customer.sign_in(journey.browser, password=chosen)
    assert "The change is held" in owner.get("/account/address").content.decode()
    assert owner.post("/account/address/code", {"code": "BBBB-BBBB"}).status_code == 422

    owner.post("/account/address/resume")

    journey.wait(hours=23, minutes=30)
    assert journey.email == journey.customer.email
    journey.wait(hours=1)
    assert journey.email == NEW


def test_a_change_asked_since_a_disowned_act_is_refused(journey, origin):
    since = timezone.now()
    journey.clock.shift(timedelta(minutes=1))
    journey.ask()
    secret = mint(
        account_id=journey.customer.account.pk,
        event="signin.succeeded",
        address=journey.customer.email,
        event_at=since,
        now=timezone.now(),
    )
    disown(secret=secret, origin=origin, now=timezone.now())

    assert journey.state == "refused"


def test_links_to_the_old_address_are_void_after_the_change(journey):
    """What was mailed there before opens nothing any more: only the undo does."""
    secret = mint(
        account_id=journey.customer.account.pk,
        event="signin.succeeded",
        address=journey.customer.email,
        now=timezone.now(),
    )
    changed_by_code(journey, NEW)

    assert journey.visitor.post(f"/not-me/{secret}").status_code == 410


@pytest.mark.parametrize("kind", ["proof", "veto", "undo"])
@pytest.mark.parametrize("mangled", ["x", "%2E%2E", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, kind, mangled):
    for answer in (
        visitor.get(f"/change/{kind}/{mangled}"),
        visitor.post(f"/change/{kind}/{mangled}"),
    ):
        assert answer.status_code == 410
        assert "This link no longer works" in answer.content.decode()


def test_batches_are_small_and_leave_nothing(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=23, minutes=59)
    Change.objects.update(due_at=timezone.now())

    assert effect.apply_due(now=timezone.now(), at_once=1) == 1
    assert effect.apply_due(now=timezone.now(), at_once=1) == 0


def said(answer) -> str:
    assert answer.status_code == 410
    return answer.content.decode()


def test_a_link_says_what_became_of_it(journey):
    journey.ask("first@new.example")
    first, veto = journey.link(PROOF, "first@new.example"), journey.link(VETO, journey.email)
    journey.browser.post("/account/address/again", {"what": "proof"})
    assert "newer link was mailed" in said(journey.visitor.get(first))
    journey.deliver()
    journey.ask()
    assert "was replaced by a newer one" in said(journey.visitor.get(first))
    journey.prove()
    proof = journey.link(PROOF, NEW)
    assert "proven already" in said(journey.visitor.get(proof))
    journey.browser.post("/account/address/withdraw")
    assert "was withdrawn" in said(journey.visitor.get(proof))
    assert "was replaced by a newer one" in said(journey.visitor.post(veto))
    assert "is not complete" in said(journey.visitor.get(veto[:-2]))


def test_a_link_of_a_change_that_is_made_or_undone_says_so(journey):
    journey.ask()
    proof, veto = journey.link(PROOF, NEW), journey.link(VETO, journey.email)
    journey.prove()
    journey.wait(hours=25)
    assert "this address is the primary one" in said(journey.visitor.get(proof))
    assert "has taken effect already" in said(journey.visitor.get(veto))
    undo = journey.link(UNDO, journey.customer.email)
    journey.visitor.post(undo)

    assert "was undone" in said(journey.visitor.get(undo))
    assert "was undone" in said(journey.visitor.get(veto))


def test_the_fifth_press_of_an_undo_still_takes_the_code(journey):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    for _ in range(4):
        assert journey.visitor.post(undo).status_code == 200

    answer = journey.visitor.post(undo, follow=True)

    assert "sent three times again already" in answer.content.decode()
    assert "Confirm the undo" in answer.content.decode()
    journey.visitor.post(f"{undo}/code", {"code": journey.code(SPARE)})
    assert journey.email == journey.customer.email


def shown(journey, path: str = "/account/address") -> str:
    return re.sub(r"\s+", " ", signed_in_anew(journey).get(path).content.decode())


def signed_in_anew(journey) -> Client:
    return journey.customer.sign_in(Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en"))


@pytest.mark.parametrize("path", ["/account/address", "/area"])
def test_the_countdown_runs_only_while_nothing_but_silence_is_missing(journey, path):
    journey.ask()
    assert "Waits for the proof of the new address." in shown(journey, path)
    journey.wait(hours=50)
    page = shown(journey, path)
    assert "Waits for the proof of the new address." in page
    assert f"{timezone.now() + timedelta(hours=4):%-d}" in page
    assert ", in 0" not in page
    journey.visitor.post(journey.link(PROOF, NEW))
    assert "have been delivered" in shown(journey, path)
    journey.deliver()
    assert "Will be accepted automatically on" in shown(journey, path)
    journey.clock.shift(timedelta(hours=5))
    assert "at any moment now" in shown(journey, path)


def test_with_the_code_and_without_the_proof_no_countdown_is_shown(journey):
    journey.ask()
    journey.browser.post("/account/address/code", {"code": journey.code(journey.email)})
    page = shown(journey)
    assert "its code has been entered" in page
    assert "Will be accepted automatically" not in page
    journey.wait(hours=21)
    assert "four hours" not in " ".join(journey.subjects(journey.customer.email))


def test_the_reminder_of_what_is_not_proven_says_so(journey):
    journey.ask()
    journey.wait(hours=21)

    reminder = text_of(journey.post.last_to(journey.customer.email))

    assert "waits for its proof" in journey.subjects(journey.customer.email)[-1]
    assert "As soon as the new address is proven" in reminder


def test_a_countdown_during_a_pause_goes_to_its_end(journey, origin):
    journey.ask()
    journey.prove()
    begin(
        account_id=journey.customer.account.pk,
        cause="reset_by_recovery",
        origin=origin,
        now=timezone.now(),
    )
    expected = progress(journey.customer.account.pk, now=timezone.now()).expected_at

    assert expected == timezone.now() + timedelta(hours=72)


def test_only_what_was_asked_at_the_beginning_answers_for_a_dead_mailbox(journey):
    """A recovery address that grew old meanwhile gets later mails: silence began with none."""
    recovery(journey.customer, age=timedelta(days=5))
    journey.ask(deliver=False)
    work(timezone.now())
    bounce(journey.customer.email)
    link = journey.link(PROOF, NEW)
    journey.clock.shift(timedelta(days=3))
    journey.visitor.post(link)
    journey.deliver()

    assert "refuses our mail" in shown(journey)
    assert Change.objects.get().due_at is None


def test_signed_in_the_owner_refuses_with_a_button(journey):
    journey.ask()
    assert "It was not me who asked" in shown(journey)
    journey.clock.shift(timedelta(minutes=15))

    answer = journey.browser.post("/account/address/veto")

    assert "Make my account safe" in answer.content.decode()
    assert "/not-me/" not in answer.content.decode()
    assert journey.state == "refused"
    again = journey.browser.post("/account/address/veto", follow=True)
    assert "No change of address is under way" in again.content.decode()


@pytest.mark.parametrize("how", ["codes", "disowned", "undone", "case"])
def test_what_was_not_vetoed_is_not_counted_as_a_veto(journey, how):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
        endings.refuse(
            Change.objects.get(state="todo"), origin=NOWHERE, now=timezone.now(), reason=how
        )

    assert "Let customer service decide" not in shown(journey)


def test_vetoes_signed_in_count_as_those_by_link_do(journey):
    for number in range(3):
        journey.ask(f"n{number}@new.example")
        journey.browser.post("/account/address/veto")

    assert "Let customer service decide" in shown(journey)


def test_what_is_done_already_is_not_sent_again(journey):
    journey.ask()
    journey.prove()
    answer = journey.browser.post("/account/address/again", {"what": "proof"}, follow=True)
    assert "proven already" in answer.content.decode()
    assert "It is on its way" not in answer.content.decode()
    journey.browser.post("/account/address/withdraw")
    journey.ask("second@new.example")
    journey.browser.post("/account/address/code", {"code": journey.code(journey.email)})
    mails = Mail.objects.count()

    answer = journey.browser.post("/account/address/again", {"what": "code"}, follow=True)

    assert "entered already" in answer.content.decode()
    assert Mail.objects.count() == mails


def test_the_home_shows_the_change_beside_a_case(journey, world):
    journey.ask()
    world.open()

    page = shown(journey, "/area")

    assert "Somebody has opened a case" in page
    assert "is to become" in page
    assert "New address not proven" in page


def test_the_home_says_that_a_change_is_held_or_cannot_be(journey):
    journey.ask(deliver=False)
    bounce(journey.customer.email)
    assert "refuses our mail" in shown(journey, "/area")
    Change.objects.update(held_at=timezone.now())
    assert "The change is held" in shown(journey, "/area")


NOT_ME = re.compile(r"/not-me/[^\"\s]+")


def newest(journey, address: str, part: str) -> str:
    journey.deliver()
    texts = [
        text_of(message)
        for to, message in journey.post.messages
        if to == address and part in str(message["Subject"])
    ]
    return texts[-1]


def test_a_change_by_code_is_contested_from_a_recovery_address_of_before(journey):
    """A thief in the primary mailbox approved it: no undo goes there, but a contest does."""
    recovery(journey.customer)
    recovery(journey.customer, "young@example.net", timedelta(days=2))
    changed_by_code(journey, NEW)

    assert not NOT_ME.search(newest(journey, NEW, "has changed"))
    assert not NOT_ME.search(newest(journey, "young@example.net", "has changed"))
    link = NOT_ME.search(newest(journey, SPARE, "has changed"))
    assert link
    answer = journey.visitor.post(link[0])

    assert answer.headers["Location"].startswith("/password/new/")
    assert journey.browser.get("/area").status_code == 302


def test_a_contest_is_told_with_a_link_only_to_who_was_there_before(journey):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    journey.visitor.post(undo)

    assert NOT_ME.search(newest(journey, SPARE, "contested"))
    assert not NOT_ME.search(newest(journey, NEW, "contested"))


def test_an_undo_is_told_with_a_link_and_not_to_the_address_given_up(journey):
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    journey.visitor.post(journey.link(UNDO, journey.customer.email))

    assert NOT_ME.search(newest(journey, journey.customer.email, "restored"))
    assert not NOT_ME.search(newest(journey, NEW, "restored"))


def test_an_undo_tells_the_end_of_the_pause_that_runs_longest(journey):
    """After silence seven days run already: 72 hours would be untrue."""
    journey.ask()
    journey.prove()
    journey.wait(hours=25)
    ends_at = pauses.running(journey.customer.account.pk, now=timezone.now()).ends_at
    journey.visitor.post(journey.link(UNDO, journey.customer.email))

    mail = Mail.objects.filter(template="emailchange/mail/undone").latest("pk")
    assert mail.context["paused_until_at"] == ends_at.isoformat()


def test_confirmed_after_its_pause_an_undo_pauses_again(journey):
    recovery(journey.customer)
    undo = changed_by_code(journey, NEW)
    journey.visitor.post(undo)
    journey.visitor.post(f"{undo}/code", {"code": "BBBB-BBBB"})
    assert len(pauses.all_running(journey.customer.account.pk, now=timezone.now())) == 1
    journey.clock.shift(timedelta(days=4))
    assert not pauses.all_running(journey.customer.account.pk, now=timezone.now())
    journey.visitor.post(undo)

    journey.visitor.post(f"{undo}/code", {"code": journey.code(SPARE)})

    assert journey.email == journey.customer.email
    assert pauses.running(journey.customer.account.pk, now=timezone.now())
