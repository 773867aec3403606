"""Security keys beside the password: enrolled, asked, answered."""

import base64
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from nichandle.identity.factors import operations
from nichandle.identity.factors.models import SecurityKey, SpentChallenge
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.factors.tests.keys import (
    NEW_KEY,
    a_browser,
    asked,
    enrol,
    enter,
    give,
    half_way,
    signed_in,
)
from tests.support.people import PASSWORD, set_up_app

pytestmark = pytest.mark.django_db


def test_a_key_is_enrolled_and_confirms_the_next_sign_in(customer, key, enrolled, visitor):
    assert enrolled.name == "Grey key"
    assert enrolled.transports == ["usb"], "what we do not know is not kept"
    options, state = half_way(customer, visitor)
    assert json.loads(options)["allowCredentials"][0]["id"] == enrolled.credential_id

    assert give(visitor, key.prove(options), state).status_code == 302

    assert signed_in(visitor)
    enrolled.refresh_from_db()
    assert enrolled.sign_count == 1
    assert enrolled.last_used_at is not None


def test_the_first_key_comes_with_recovery_codes_shown_once(customer, key):
    page = enrol(customer, key).content.decode()

    assert len(set(re.findall(r"<code>([B-Z-]{19})</code>", page))) == 10
    again = enrol(customer, Authenticator(), "Other")
    assert again.headers["Location"] == "/account/security/factors"


@pytest.mark.parametrize(
    "false",
    [
        {"origin": "https://localhost.evil.example"},
        {"origin": "http://localhost:9"},
        {"site": "evil.example"},
    ],
)
def test_an_answer_from_another_site_enrols_nothing(customer, false):
    assert enrol(customer, Authenticator(**false)).status_code == 422
    assert not SecurityKey.objects.exists()


@pytest.mark.parametrize(
    "false", [{"origin": "https://localhost.evil.example"}, {"site": "evil.example"}]
)
def test_an_answer_from_another_site_confirms_nothing(customer, key, enrolled, visitor, false):
    options, state = half_way(customer, visitor)
    for name, value in false.items():
        setattr(key, name, value)

    assert give(visitor, key.prove(options), state).status_code == 422
    assert "Tries left: 3" in give(visitor, key.prove(options), state).content.decode()
    assert enter(visitor, key).headers["Location"].startswith("/signin")
    assert not signed_in(visitor)


def test_an_answer_is_good_for_the_question_it_answers_and_once(customer, key, enrolled, visitor):
    options, state = half_way(customer, visitor)
    response = key.prove(options)
    assert give(visitor, response, state).status_code == 302

    other = a_browser()
    options, fresh = half_way(customer, other)
    assert give(other, response, state).status_code == 422, "its question belongs elsewhere"
    assert give(other, response, fresh).status_code == 422, "it answers another question"


def test_every_question_is_another_of_256_bits(customer, key, enrolled, visitor):
    """ASVS 5.0, 6.7.2, asks for 64: without a password, beside it, and for a new key."""
    visitor.post("/signin", {"identifier": customer.handle, "password": PASSWORD})
    pages = [visitor.get("/signin/factor?method=key"), visitor.get("/signin/factor?method=key")]
    pages += [a_browser().get("/signin") for _ in range(20)]
    enter(customer.browser, key)
    pages += [customer.browser.get(NEW_KEY) for _ in range(2)]

    questions = [json.loads(asked(page)[0])["challenge"] for page in pages]

    assert len(set(questions)) == len(questions) == 24
    assert {len(base64.urlsafe_b64decode(f"{one}==")) for one in questions} == {32}


def test_a_passkey_answer_is_good_once(customer, key, enrolled, visitor):
    options, state = asked(visitor.get("/signin"))
    given = {"response": key.prove(options), "state": state}
    visitor.post("/signin/passkey", given)
    assert signed_in(visitor)

    thief = a_browser()
    thief.post("/signin/passkey", given)
    assert not signed_in(thief)


def test_the_key_of_another_account_confirms_nothing(customer, stranger, key, enrolled, visitor):
    theirs = Authenticator()
    enrol(stranger, theirs)
    options, state = half_way(customer, visitor)

    assert give(visitor, theirs.prove(options), state).status_code == 422


def test_a_credential_of_another_account_is_not_taken_over(customer, stranger, key, enrolled):
    theirs = Authenticator(credential=key.credential)

    answer = enrol(stranger, theirs)

    assert answer.status_code == 422
    assert "set up already" in answer.content.decode()
    assert SecurityKey.objects.get().account_id == customer.account.pk


def test_one_key_is_not_enrolled_twice(customer, key, enrolled):
    with_factor = a_browser()
    options, state = half_way(customer, with_factor)
    give(with_factor, key.prove(options), state)
    options, state = asked(with_factor.get(NEW_KEY))
    assert json.loads(options)["excludeCredentials"][0]["id"] == enrolled.credential_id

    given = {"name": "Again", "state": state, "response": key.register(options)}
    assert with_factor.post(NEW_KEY, given).headers["Location"] == "/account/security/factors"
    assert SecurityKey.objects.count() == 1


def test_a_signature_that_is_not_the_keys_confirms_nothing(customer, key, enrolled, visitor):
    options, state = half_way(customer, visitor)
    forger = Authenticator(credential=key.credential, owner=key.owner, count=5)

    assert give(visitor, forger.prove(options), state).status_code == 422


def test_beside_the_password_it_need_not(customer, key, enrolled, visitor):
    key.verified = False
    options, state = half_way(customer, visitor)

    assert give(visitor, key.prove(options), state).status_code == 302


@pytest.mark.parametrize("said", ["another's", "no account's", "nothing"])
def test_after_the_password_a_key_says_nothing_false_about_its_owner(
    customer, stranger, key, enrolled, visitor, said
):
    """WebAuthn Level 2, 7.2, step 6: a user handle that is given has to be the account's."""
    options, state = half_way(customer, visitor)
    owners = {"another's": stranger.account.pk.bytes, "no account's": b"nobody", "nothing": b""}
    key.owner = owners[said]

    answer = give(visitor, key.prove(options), state)

    assert answer.status_code == (302 if said == "nothing" else 422)
    assert signed_in(visitor) == (said == "nothing")


@pytest.mark.parametrize(
    "response",
    ["", "{}", "[]", "null", "x", '{"id": 1}', '{"id": "x", "response": []}', "[" * 9000],
)
def test_nonsense_is_refused_as_any_other_wrong_answer(customer, key, enrolled, visitor, response):
    _options, state = half_way(customer, visitor)

    assert give(visitor, response, state).status_code == 422
    answer = visitor.post("/signin/passkey", {"response": response, "state": state})
    assert answer.headers["Location"].startswith("/signin")
    assert not signed_in(visitor)


@pytest.mark.parametrize("state", ["", "x", "gAAAAA", "e30="])
def test_a_question_we_never_asked_counts_for_nothing(customer, key, enrolled, visitor, state):
    options, _state = half_way(customer, visitor)

    assert give(visitor, key.prove(options), state).status_code == 422


def test_the_question_of_one_purpose_serves_no_other(customer, key, enrolled, visitor):
    """A passkey's answer on the sign-in page does not stand for the second step, nor back."""
    options, state = asked(visitor.get("/signin"))
    half_way(customer, visitor)
    assert give(visitor, key.prove(options), state).status_code == 422

    options, state = half_way(customer, visitor)
    visitor.post("/signin/passkey", {"response": key.prove(options), "state": state})
    assert not signed_in(visitor)


def test_what_is_over_is_cleared(customer, key, enrolled, visitor):
    enter(visitor, key)
    assert SpentChallenge.objects.count() == 1

    operations.clear_old(now=timezone.now() + timedelta(hours=1))
    assert SpentChallenge.objects.count() == 1, "its page may still stand"
    operations.clear_old(now=timezone.now() + timedelta(hours=3))
    assert not SpentChallenge.objects.exists()


def test_twenty_factors_are_enough(customer):
    set_up_app(customer)
    now = timezone.now()
    SecurityKey.objects.bulk_create(
        SecurityKey(
            account=customer.account,
            name="Key",
            credential_id=str(number),
            public_key=b"",
            sign_count=0,
            discoverable=False,
            user_verified=False,
            created_at=now,
        )
        for number in range(19)
    )
    with pytest.raises(operations.TooManyFactors):
        operations.room_for_one(factors_of(customer.account.pk))
