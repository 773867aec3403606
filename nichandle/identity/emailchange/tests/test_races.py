"""Many at once: one change, one set of mails."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.emailchange import operations
from nichandle.identity.emailchange.errors import (
    ChangeCodeWrong,
    CodesSpent,
    NoOpenChange,
    UndoCodeWrong,
    UndoLinkNotValid,
    VetoLinkNotValid,
)
from nichandle.identity.emailchange.models import Change, ChangeLink
from nichandle.identity.emailchange.outcome import effect, endings
from nichandle.identity.emailchange.outcome.proving import prove_by_link
from nichandle.identity.emailchange.outcome.undo import confirm, undo
from nichandle.identity.emailchange.telling import link
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.outbox.models import Mail
from tests.support.people import make_person
from tests.support.races import at_once
from tests.support.worker import work

pytestmark = pytest.mark.django_db(transaction=True)
NEW = "diane@new.example"


def ask(person, address=NEW) -> Change:
    return operations.request_change(
        account_id=person.account.pk, address=address, act=Act.by_itself(timezone.now())
    )


def code_of(person, post) -> str:
    return post.code_to(person.email)


def prove(change: Change) -> None:
    """Prove the new address with a link whose secret the test knows."""
    until = timezone.now() + timedelta(days=1)
    prove_by_link(
        secret=link(change, ChangeLink.Kind.PROOF, change.new_address, expires_at=until),
        account_id=change.account_id,
        visit=Visit(NOWHERE, timezone.now()),
    )


def due(*people) -> None:
    now = timezone.now()
    for person in people:
        change = Change.objects.get(account=person.account, state="todo")
        change.proven_at, change.due_at = now, now - timedelta(seconds=1)
        change.save()


def test_twelve_requests_at_once_are_one(customer):
    outcomes = at_once(*[lambda: ask(customer)] * 12)

    assert len({change.pk for change in outcomes}) == 1
    assert Change.objects.count() == 1
    assert Mail.objects.filter(template="emailchange/mail/code").count() == 1
    work()
    assert Mail.objects.filter(template="emailchange/mail/proof").count() == 1


def test_eight_confirmations_at_once_make_one_change(customer, post):
    change = ask(customer)
    code = code_of(customer, post)
    prove(change)

    def confirm_code() -> Change:
        return operations.confirm_code(
            account_id=customer.account.pk,
            code=code,
            key=None,
            act=Act.by_itself(timezone.now()),
        )

    outcomes = at_once(*[confirm_code] * 8)

    assert len([one for one in outcomes if isinstance(one, Change)]) == 1
    assert len([one for one in outcomes if isinstance(one, NoOpenChange)]) == 7
    assert Account.objects.get(pk=customer.account.pk).email == NEW
    assert Mail.objects.filter(template="emailchange/mail/changed").count() == 2


def test_guesses_at_once_are_all_counted(customer):
    ask(customer)

    def guess() -> Change:
        return operations.confirm_code(
            account_id=customer.account.pk,
            code="BBBB-BBBB",
            key=None,
            act=Act.by_itself(timezone.now()),
        )

    outcomes = at_once(*[guess] * 14)

    assert len([one for one in outcomes if isinstance(one, ChangeCodeWrong)]) == 9
    assert len([one for one in outcomes if isinstance(one, CodesSpent)]) == 1
    assert len([one for one in outcomes if isinstance(one, NoOpenChange | Exhausted)]) == 4
    assert Change.objects.get().state == "refused"


def test_two_workers_at_the_deadline_apply_each_change_once(customer, contact, stranger):
    people = [customer, contact, stranger]
    for number, person in enumerate(people):
        ask(person, f"n{number}@new.example")
    due(*people)

    at_once(*[lambda: effect.apply_due(now=timezone.now())] * 2)
    effect.apply_due(now=timezone.now())

    assert set(Change.objects.values_list("state", flat=True)) == {"done"}
    assert Mail.objects.filter(template="emailchange/mail/changed").count() == 6
    for number, person in enumerate(people):
        assert Account.objects.get(pk=person.account.pk).email == f"n{number}@new.example"


def test_two_accounts_that_want_the_same_address_at_once_one_gets_it(customer, contact):
    ask(customer)
    ask(contact)
    due(customer, contact)

    effect.apply_due(now=timezone.now())

    assert Account.objects.filter(email=NEW).count() == 1
    assert sorted(Change.objects.values_list("state", flat=True)) == ["done", "todo"]
    late = Change.objects.get(state="todo")
    assert late.taken
    assert late.proven_at is None


def test_an_address_that_an_account_takes_at_this_very_moment(customer, contact, monkeypatch):
    """The look said free, the write says taken: done one by one, the others are not held up."""
    ask(customer)
    ask(contact, "free@new.example")
    due(customer, contact)
    look, takers = effect.primary.owners, []

    def take() -> None:
        make_person(NEW)
        connection.close()

    def look_and_then_it_is_taken(keys, *, now):
        found = look(keys, now=now)
        if not takers:
            takers.append(threading.Thread(target=take))
            takers[0].start()
            takers[0].join()
        return found

    if connection.vendor == "postgresql":
        monkeypatch.setattr(effect.primary, "owners", look_and_then_it_is_taken)
    else:
        # One writer at a time: what SQLite cannot do meanwhile is done before, unseen.
        make_person(NEW)
        monkeypatch.setattr(effect.primary, "owners", lambda _keys, now: {})
    effect.apply_due(now=timezone.now())

    assert Account.objects.get(pk=contact.account.pk).email == "free@new.example"
    assert Account.objects.get(pk=customer.account.pk).email == customer.email
    monkeypatch.undo()
    effect.apply_due(now=timezone.now())
    assert Change.objects.get(account=customer.account).taken


def test_veto_against_worker_one_of_them_wins_whole(customer):
    change = ask(customer)
    due(customer)
    secret = link(
        change,
        ChangeLink.Kind.VETO,
        customer.email,
        expires_at=timezone.now() + timedelta(days=1),
    )

    outcomes = at_once(
        lambda: endings.veto(secret=secret, act=Act.by_itself(timezone.now())),
        lambda: effect.apply_due(now=timezone.now()),
    )

    change.refresh_from_db()
    email = Account.objects.get(pk=customer.account.pk).email
    if any(isinstance(one, VetoLinkNotValid) for one in outcomes):
        assert (change.state, email) == ("done", NEW)
    else:
        assert (change.state, email) == ("refused", customer.email)


def test_an_undo_pressed_eight_times_at_once_undoes_once(customer):
    change = ask(customer)
    due(customer)
    effect.apply_due(now=timezone.now())
    secret = link(
        change,
        ChangeLink.Kind.UNDO,
        customer.email,
        expires_at=timezone.now() + timedelta(days=1),
    )

    outcomes = at_once(*[lambda: undo(secret=secret, act=Act.by_itself(timezone.now()))] * 8)

    assert len([one for one in outcomes if isinstance(one, UndoLinkNotValid)]) == 7
    assert Account.objects.get(pk=customer.account.pk).email == customer.email
    assert Mail.objects.filter(template="emailchange/mail/undone").count() == 2


def test_guessed_undo_codes_are_counted_and_end(customer, post):
    now = timezone.now()
    customer.account.recovery_addresses.create(
        address="spare@example.net",
        address_key="spare@example.net",
        added_at=now - timedelta(days=30),
        proven_at=now - timedelta(days=30),
    )
    change = ask(customer)
    code = code_of(customer, post)
    prove(change)
    operations.confirm_code(
        account_id=customer.account.pk, code=code, key=None, act=Act.by_itself(now)
    )
    secret = link(change, ChangeLink.Kind.UNDO, customer.email, expires_at=now + timedelta(days=1))
    undo(secret=secret, act=Act.by_itself(now))

    for _ in range(10):
        with pytest.raises(UndoCodeWrong):
            confirm(secret=secret, code="BBBB-BBBB", act=Act.by_itself(now))
    with pytest.raises(Exhausted):
        confirm(secret=secret, code="BBBB-BBBB", act=Act.by_itself(now))
    assert Account.objects.get(pk=customer.account.pk).email == NEW


def test_a_conflict_is_proof_enough(customer, contact):
    """The database itself refuses two accounts with one address."""
    with pytest.raises(IntegrityError):
        Account.objects.filter(pk=contact.account.pk).update(
            email=customer.email, email_key=customer.email
        )
