"""A key whose counter goes backwards is a copy."""

import pytest
from django.utils import timezone

from nichandle.identity.factors import ceremony
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.models import SecurityKey, SpentChallenge
from nichandle.identity.factors.operations import KeyCloned
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.factors.tests.keys import a_browser, enter, half_way, signed_in
from nichandle.identity.signin.authentication import second_step
from nichandle.identity.signin.authentication.second_step import enter_by_passkey
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.models import Challenge
from nichandle.identity.signin.reauthentication import again
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit import queries as ledger
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.post import text_of

pytestmark = pytest.mark.django_db


def test_a_copied_key_is_refused_and_its_owner_told(customer, key, enrolled, visitor, post):
    enter(visitor, key)
    copy = Authenticator(**{**vars(key), "count": 0})

    thief = a_browser()
    enter(thief, copy)

    assert not signed_in(thief)
    copy.count = 100
    enter(thief, copy)
    assert not signed_in(thief), "nor when its counter has caught up"
    enter(a_browser(), key)
    mail = post.last_to(customer.email)
    assert "One of your keys was refused" in mail["Subject"]
    assert "Grey key" in text_of(mail)


def test_a_copied_key_leaves_its_trace_and_count(customer, key, enrolled, origin):
    SecurityKey.objects.update(sign_count=9)
    asked_now = ceremony.ask_to_prove(purpose="passkey", verified=True, now=timezone.now())
    answer = Answer("key", response=key.prove(asked_now.options), state=asked_now.state)
    with pytest.raises(KeyCloned):
        enter_by_passkey(answer, Visit(origin, timezone.now()))

    assert Allowance.objects.get(name="signin.passkey").count == 1
    assert SpentChallenge.objects.count() == 1
    assert Mail.objects.filter(template="signin/mail/key_cloned").count() == 1


def signing_in(customer, key, visitor, prove, visit):
    half_way(customer, visitor)
    answer = prove(second_step.purpose_of(Challenge.objects.get()))
    second_step.give_factor(visitor.cookies["step"].value, answer, visit, trust=False)


def signing_in_again(customer, key, visitor, prove, visit):
    enter(customer.browser, key)
    session = customer.browser.cookies["session"].value
    again.with_passkey(
        account_id=customer.account.pk,
        key=session,
        answer=prove(again.purpose_of(session)),
        act=visit,
    )


def making_codes(customer, key, visitor, prove, visit):
    answer = prove(enrolment.purpose_of(customer.account.pk))
    enrolment.make_codes(customer.account.pk, answer=answer, key="", visit=visit)


@pytest.mark.parametrize(
    ("act", "limit"),
    [
        (signing_in, "signin.factor"),
        (signing_in_again, "signin.again"),
        (making_codes, "factors.proof"),
    ],
)
def test_a_copied_key_leaves_its_trace_and_count_wherever_it_is_given(
    customer, key, enrolled, visitor, origin, act, limit
):
    visit = Visit(origin, timezone.now())

    def prove(purpose: str) -> Answer:
        SecurityKey.objects.update(sign_count=99)
        question = ceremony.ask_to_prove(
            purpose=purpose, keys=[enrolled], verified=True, now=visit.now
        )
        return Answer("key", response=key.prove(question.options), state=question.state)

    with pytest.raises(KeyCloned):
        act(customer, key, visitor, prove, visit)

    assert Allowance.objects.get(name=limit).count == 1
    assert SecurityKey.objects.get().copied_at is not None
    assert Mail.objects.filter(template="signin/mail/key_cloned").count() == 1
    acts = [entry.act for entry in ledger.entries_of(customer.account.pk).rows]
    assert "factors.cloned" in acts


def test_a_key_without_counter_is_no_copy(customer, key, enrolled, visitor):
    key.step = 0
    for _ in range(2):
        browser = a_browser()
        enter(browser, key)
        assert signed_in(browser)
