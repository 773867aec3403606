"""Recovery addresses come and go: all are told, and who is established may undo it."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from nichandle.identity.accounts.models import Account, RecoveryAddress
from nichandle.identity.accounts.recovery_addresses import undo
from nichandle.identity.pauses.operations import begin
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.errors import Refused
from nichandle.platform.limits.catalogue import changed
from nichandle.platform.outbox.models import Mail
from nichandle.platform.outbox.operations import refuse
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
PAGE = "/account/recovery-addresses"
SPARE, OTHER = "spare@example.net", "other@example.com"
UNDO = re.compile(r"/recovery-address/undo/\S+")


def established(customer, address=SPARE):
    proven = timezone.now() - timedelta(days=30)
    return customer.account.recovery_addresses.create(
        address=address, address_key=address, added_at=proven, proven_at=proven
    )


def add(customer, post, address=OTHER) -> RecoveryAddress:
    browser = customer.sign_in()
    answer = browser.post(PAGE, {"address": address})
    assert answer.status_code == 302
    proved = browser.post(answer.headers["Location"], {"code": post.code_to(address)})
    assert proved.headers["Location"] == PAGE
    return RecoveryAddress.objects.get(address=address)


def undo_link(post, address):
    found = UNDO.search(text_of(post.last_to(address)))
    assert found, "the mail holds no undo"
    return found[0]


def test_one_is_added_with_its_code_and_everybody_is_told(customer, post):
    established(customer)
    added = add(customer, post)

    assert added.proven_at
    assert not added.established(timezone.now())
    for address in (customer.email, SPARE, OTHER):
        assert "A recovery address was added" in post.last_to(address)["Subject"]
    page = customer.browser.get(PAGE).content.decode()
    assert "For 7 days it is told of everything" in page


def test_the_link_beside_a_code_leads_to_the_page_that_takes_it(customer, post):
    answer = customer.sign_in().post(PAGE, {"address": OTHER})
    link = re.search(r"/account/\S+/code\b", text_of(post.last_to(OTHER)))

    assert link
    assert link[0] == answer.headers["Location"]
    assert customer.browser.get(link[0]).status_code == 200


def test_the_link_of_a_creation_still_leads_there_days_later(customer, post):
    added = timezone.now() - timedelta(days=3)
    row = customer.account.recovery_addresses.create(
        address=OTHER, address_key=OTHER, added_at=added, at_creation=True
    )
    browser = customer.sign_in()
    browser.post(f"{PAGE}/{row.pk}/again")

    assert f"{PAGE}/" not in text_of(post.last_to(OTHER))
    answer = browser.get("/signup/recovery", follow=True)
    assert answer.redirect_chain[-1][0] == f"{PAGE}/{row.pk}/code"


def test_a_code_tells_a_stranger_neither_whose_it_is_nor_who_asked(customer, post):
    customer.sign_in().post(PAGE, {"address": OTHER}, REMOTE_ADDR="203.0.113.99")

    mail = post.last_to(OTHER)
    for told in (mail["Subject"], text_of(mail), mail.as_string()):
        assert customer.handle not in told
        assert "203.0.113" not in told
    assert Mail.objects.get(recipient=OTHER).account_id == customer.account.pk


def test_two_may_wait_and_each_has_its_own_code(customer, post):
    browser = customer.sign_in()
    first, second = (
        browser.post(PAGE, {"address": address}).headers["Location"] for address in (SPARE, OTHER)
    )
    assert first != second

    wrong = browser.post(first, {"code": post.code_to(OTHER)})
    assert wrong.status_code == 422
    browser.post(first, {"code": post.code_to(SPARE)})
    browser.post(second, {"code": post.code_to(OTHER)})

    assert RecoveryAddress.objects.filter(proven_at__isnull=False).count() == 2


def test_pressed_twice_it_is_added_once(customer):
    browser = customer.sign_in()
    places = {browser.post(PAGE, {"address": OTHER}).headers["Location"] for _ in range(2)}

    assert len(places) == 1
    assert Mail.objects.filter(recipient=OTHER).count() == 1


def test_the_established_undo_what_a_thief_has_added(customer, post, visitor):
    established(customer)
    add(customer, post, OTHER)
    assert not UNDO.search(text_of(post.last_to(OTHER)))
    link = undo_link(post, SPARE)
    for _ in range(3):
        assert visitor.get(link).status_code == 200
    assert RecoveryAddress.objects.get(address=OTHER).removed_at is None

    answer = visitor.post(link, {"meaning": "undo"})

    assert "/not-me/" in answer.content.decode()
    assert RecoveryAddress.objects.get(address=OTHER).removed_at
    assert visitor.post(link, {"meaning": "undo"}).status_code == 410
    assert (
        visitor.post(undo_link_before(post, customer.email), {"meaning": "undo"}).status_code == 410
    )


def undo_link_before(post, address):
    texts = [text_of(message) for to, message in post.messages if to == address]
    return next(found[0] for text in reversed(texts) if (found := UNDO.search(text)))


def test_a_removed_one_brings_itself_back(customer, post, visitor):
    spare = established(customer)
    customer.sign_in().post(f"{PAGE}/{spare.pk}/remove")
    spare.refresh_from_db()
    assert spare.removed_at
    assert "was removed" in post.last_to(SPARE)["Subject"]

    visitor.post(undo_link(post, SPARE), {"meaning": "undo"})

    spare.refresh_from_db()
    assert spare.removed_at is None
    assert spare.established(timezone.now())


@pytest.mark.parametrize("proven", [False, True])
def test_added_again_after_its_removal_the_older_one_comes_back(customer, post, visitor, proven):
    """A thief removes it and adds it anew, so that its undo would find its place taken."""
    spare = established(customer)
    browser = customer.sign_in()
    browser.post(f"{PAGE}/{spare.pk}/remove")
    link = undo_link(post, SPARE)
    place = browser.post(PAGE, {"address": SPARE}).headers["Location"]
    if proven:
        browser.post(place, {"code": post.code_to(SPARE)})

    assert visitor.post(link, {"meaning": "undo"}).status_code == 200

    present = RecoveryAddress.objects.get(removed_at=None)
    assert present.pk == spare.pk
    assert present.established(timezone.now())


def test_an_address_that_is_the_primary_now_does_not_come_back_beside_it(customer, post, visitor):
    spare = established(customer)
    established(customer, OTHER)
    customer.sign_in().post(f"{PAGE}/{spare.pk}/remove")
    link = undo_link(post, OTHER)
    Account.objects.filter(pk=customer.account.pk).update(email=SPARE, email_key=SPARE)

    assert visitor.get(link).status_code == 410
    assert visitor.post(link, {"meaning": "undo"}).status_code == 410
    assert not RecoveryAddress.objects.filter(address=SPARE, removed_at=None).exists()


def test_of_two_removals_of_one_address_both_undone_the_older_stays(customer, post, visitor):
    spare = established(customer)
    established(customer, OTHER)
    browser = customer.sign_in()
    browser.post(f"{PAGE}/{spare.pk}/remove")
    first = undo_link(post, OTHER)
    place = browser.post(PAGE, {"address": SPARE}).headers["Location"]
    browser.post(place, {"code": post.code_to(SPARE)})
    again = RecoveryAddress.objects.latest("pk")
    browser.post(f"{PAGE}/{again.pk}/remove")
    second = undo_link(post, OTHER)
    assert first != second

    assert visitor.post(first, {"meaning": "undo"}).status_code == 200
    assert visitor.post(second, {"meaning": "undo"}).status_code == 410

    assert RecoveryAddress.objects.get(address=SPARE, removed_at=None).pk == spare.pk


def test_an_undo_lasts_seven_days(customer, post, visitor):
    spare = established(customer)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        customer.sign_in().post(f"{PAGE}/{spare.pk}/remove")
        link = undo_link(post, SPARE)
        clock.shift(timedelta(days=7))
        assert visitor.get(link).status_code == 410
        assert visitor.post(link, {"meaning": "undo"}).status_code == 410


@pytest.mark.parametrize("cause", ["change_undone", "reset_by_recovery"])
def test_during_a_pause_none_comes_or_goes(customer, cause):
    spare = established(customer)
    begin(account_id=customer.account.pk, cause=cause, act=Act.by_itself(timezone.now()))
    browser = customer.sign_in()

    assert browser.post(PAGE, {"address": OTHER}).status_code == 403
    answer = browser.post(f"{PAGE}/{spare.pk}/remove", follow=True)
    assert "has to wait until" in answer.content.decode()
    spare.refresh_from_db()
    assert spare.removed_at is None


def test_one_that_waits_is_not_proven_during_a_pause(customer, post):
    """Asked for before, it would become one while the owner believes that nothing moves."""
    browser = customer.sign_in()
    place = browser.post(PAGE, {"address": OTHER}).headers["Location"]
    code = post.code_to(OTHER)
    begin(account_id=customer.account.pk, cause="change_undone", act=Act.by_itself(timezone.now()))

    assert browser.post(place, {"code": code}).status_code == 403
    again = browser.post(f"{PAGE}/{RecoveryAddress.objects.get().pk}/again", follow=True)
    assert "has to wait until" in again.content.decode()
    signup = browser.post("/signup/recovery", {"code": code})
    assert signup.headers["Location"] == place
    assert RecoveryAddress.objects.get().proven_at is None


def test_one_that_waits_is_proven_only_freshly_signed_in(customer, post):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        place = browser.post(PAGE, {"address": OTHER}).headers["Location"]
        code = post.code_to(OTHER)
        clock.shift(timedelta(minutes=11))
        for path, data in (
            (place, {"code": code}),
            (f"{PAGE}/{RecoveryAddress.objects.get().pk}/again", {}),
        ):
            assert "Sign in again" in browser.post(path, data).content.decode()
        assert RecoveryAddress.objects.get().proven_at is None
        answer = browser.post(
            place,
            {
                "sign-in-again": "password",
                "password": customer.password,
                "held": held_in(browser.post(place, {"code": code})),
            },
        )
        assert answer.headers["Location"] == PAGE
    assert RecoveryAddress.objects.get().proven_at


def held_in(answer) -> str:
    found = re.search(r'name="held" value="([^"]+)"', answer.content.decode())
    assert found
    return found[1]


@pytest.mark.parametrize("hours", [1, 25])
def test_the_one_of_the_creation_steps_is_proven_without_more_ado_for_a_day(customer, post, hours):
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        browser = customer.sign_in()
        browser.post(PAGE, {"address": OTHER})
        RecoveryAddress.objects.update(at_creation=True)
        code, row = post.code_to(OTHER), RecoveryAddress.objects.get()
        clock.shift(timedelta(hours=hours))
        RecoveryAddress.objects.update(code_expires_at=now + timedelta(days=2))
        browser = customer.sign_in()
        clock.shift(timedelta(minutes=11))
        browser.post(f"{PAGE}/{row.pk}/code", {"code": code})

    row.refresh_from_db()
    assert (row.proven_at is not None) is (hours == 1)


def test_removing_one_that_waits_leaves_a_trace(customer):
    browser = customer.sign_in()
    browser.post(PAGE, {"address": OTHER})
    browser.post(f"{PAGE}/{RecoveryAddress.objects.get().pk}/remove")

    assert not RecoveryAddress.objects.exists()
    newest = ledger.entries_of(customer.account.pk).rows[0]
    assert newest.act == "recovery_address.removed"


def test_a_stolen_session_is_asked_for_the_password(customer):
    spare = established(customer)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        browser = customer.sign_in()
        clock.shift(timedelta(minutes=11))
        for answer in (
            browser.post(PAGE, {"address": OTHER}),
            browser.post(f"{PAGE}/{spare.pk}/remove"),
        ):
            assert "Sign in again" in answer.content.decode()
    assert RecoveryAddress.objects.get().removed_at is None


def test_anothers_address_cannot_be_removed_or_proven(customer, contact):
    spare = established(customer)
    browser = contact.sign_in()
    browser.post(f"{PAGE}/{spare.pk}/remove")
    browser.post(f"{PAGE}/{spare.pk}/code", {"code": "BCDF-GHJK"})

    spare.refresh_from_db()
    assert spare.removed_at is None


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("diane@example.org", "Give another address"),
        ("DIANE@EXAMPLE.ORG", "Give another address"),
        (SPARE, "one of your recovery addresses already"),
        ("nonsense", "address"),
    ],
)
def test_what_cannot_be_one_is_said_and_stays_in_the_field(customer, address, sentence):
    established(customer)
    answer = customer.sign_in().post(PAGE, {"address": address})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert f'value="{address}"' in answer.content.decode()


def test_five_are_enough(customer):
    for number in range(5):
        established(customer, f"n{number}@example.net")

    answer = customer.sign_in().post(PAGE, {"address": OTHER})

    assert "Remove one first" in answer.content.decode()


@pytest.mark.parametrize("mangled", ["x", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, mangled):
    assert visitor.get(f"/recovery-address/undo/{mangled}").status_code == 410
    with pytest.raises(Refused):
        undo(secret=mangled, act=Act.by_itself(timezone.now()))


def test_nobody_has_any_number_of_strangers_written_to(customer):
    """Added, mailed, removed, and the next: ten mails a day, whoever reads them."""
    browser = customer.sign_in()
    answers = []
    for number in range(12):
        answers.append(browser.post(PAGE, {"address": f"stranger{number}@example.com"}))
        for row in RecoveryAddress.objects.filter(removed_at=None):
            browser.post(f"{PAGE}/{row.pk}/remove")

    assert [answer.status_code for answer in answers] == [302] * 10 + [429] * 2
    assert Mail.objects.filter(template="accounts/mail/recovery_code").count() == 10


def test_sending_again_counts_for_the_account_too(customer):
    browser = customer.sign_in()
    for number in range(5):
        browser.post(PAGE, {"address": f"stranger{number}@example.com"})
    for row in RecoveryAddress.objects.all():
        for _ in range(3):
            browser.post(f"{PAGE}/{row.pk}/again")

    assert Mail.objects.filter(template="accounts/mail/recovery_code").count() == 10


def test_tags_of_one_mailbox_count_as_one(customer):
    browser = customer.sign_in()
    answers = [
        browser.post(PAGE, {"address": f"victim+{number}@example.com"}).status_code
        for number in range(5)
    ]

    assert answers == [302] * 4 + [429]


def test_a_network_has_few_unproven_addresses_written_to(customer, settings):
    settings.NICHANDLE_LIMITS = changed("unproven.network=2/1d")
    browser = customer.sign_in()
    answers = [
        browser.post(PAGE, {"address": f"stranger{number}@example.com"}).status_code
        for number in range(3)
    ]

    assert answers == [302, 302, 429]


@pytest.mark.parametrize(
    ("address", "said"),
    [("hélène@example.com", "letters without accents"), (OTHER, "Its mail server refuses it")],
)
def test_a_code_that_cannot_be_delivered_is_said(customer, address, said):
    browser = customer.sign_in()
    place = browser.post(PAGE, {"address": address}).headers["Location"]
    refuse(Mail.objects.get(recipient=address), error="550", now=timezone.now())

    assert said in browser.get(place).content.decode()
