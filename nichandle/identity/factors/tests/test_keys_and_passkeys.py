"""Security keys and passkeys, through the pages: enrolled, used, refused."""

import base64
import html
import json
import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.factors import ceremony, operations
from nichandle.identity.factors.answers import Answer
from nichandle.identity.factors.ceremony import KeyNotRight
from nichandle.identity.factors.models import SecurityKey, SpentChallenge
from nichandle.identity.factors.operations import KeyCloned
from nichandle.identity.factors.queries import factors_of
from nichandle.identity.factors.tests.authenticator import Authenticator
from nichandle.identity.signin.authentication import second_step
from nichandle.identity.signin.authentication.second_step import enter_by_passkey
from nichandle.identity.signin.credentials import enrolment
from nichandle.identity.signin.models import Challenge, Session
from nichandle.identity.signin.reauthentication import again
from nichandle.identity.signin.sessions.opening import Visit
from nichandle.platform.audit import queries as ledger
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, set_up_app
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
NEW_KEY = "/account/security/factors/key"


def a_browser(**more: str) -> Client:
    return Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en", **more)


def asked(page) -> tuple[str, str]:
    """Return what a page asks of a key: the options for the browser, and our sealed state."""
    content = page.content.decode()
    options = re.search(r'data-key-options="([^"]+)"', content)
    state = re.search(r'name="state" value="([^"]+)"', content)
    return html.unescape(options[1]), state[1]


def enrol(person, key: Authenticator, name: str = "Grey key", **more):
    if not signed_in(person.browser):
        person.sign_in()
    options, state = asked(person.browser.get(NEW_KEY))
    given = {"name": name, "state": state, "response": key.register(options, **more)}
    return person.browser.post(NEW_KEY, given)


@pytest.fixture
def key() -> Authenticator:
    return Authenticator()


@pytest.fixture
def enrolled(customer, key):
    with time_machine.travel(timezone.now() - timedelta(days=30), tick=False):
        assert enrol(customer, key).status_code == 200
        customer.browser.post("/signout")
    return SecurityKey.objects.get()


def half_way(person, browser: Client) -> tuple[str, str]:
    answer = browser.post("/signin", {"identifier": person.handle, "password": PASSWORD})
    assert answer.headers["Location"].startswith("/signin/factor")
    return asked(browser.get("/signin/factor?method=key"))


def give(browser: Client, response: str, state: str):
    return browser.post("/signin/factor", {"method": "key", "response": response, "state": state})


def enter(browser: Client, key: Authenticator, **more):
    options, state = asked(browser.get("/signin"))
    return browser.post("/signin/passkey", {"response": key.prove(options, **more), "state": state})


def signed_in(browser: Client) -> bool:
    return browser.get("/area").status_code == 200


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


def test_a_passkey_signs_in_without_a_password(customer, key, enrolled, visitor):
    customer.browser.cookies.clear()
    answer = enter(visitor, key)

    assert answer.headers["Location"] == "/area"
    assert customer.handle in re.sub("<[^>]+>", "", visitor.get("/area").content.decode())
    told = Mail.objects.filter(template="signin/mail/new_place")
    assert [mail.recipient for mail in told] == [customer.email]


def test_without_a_password_the_key_must_have_made_sure_of_its_owner(
    customer, key, enrolled, visitor
):
    assert json.loads(asked(visitor.get("/signin"))[0])["userVerification"] == "required"
    key.verified = False

    enter(visitor, key)

    assert not signed_in(visitor)


def test_beside_the_password_it_need_not(customer, key, enrolled, visitor):
    key.verified = False
    options, state = half_way(customer, visitor)

    assert give(visitor, key.prove(options), state).status_code == 302


def test_a_passkey_that_names_another_owner_opens_nothing(
    customer, stranger, key, enrolled, visitor
):
    key.owner = stranger.account.pk.bytes
    enter(visitor, key)

    assert not signed_in(visitor)


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


def test_an_unknown_passkey_is_counted_for_the_network_and_refused_alike(
    customer, key, enrolled, visitor
):
    unknown = Authenticator(owner=customer.account.pk.bytes)
    first = enter(visitor, unknown)
    forged = enter(visitor, Authenticator(credential=key.credential, owner=key.owner))

    assert first.headers["Location"] == forged.headers["Location"]
    assert first.cookies["messages"].value[:20] == forged.cookies["messages"].value[:20]
    assert sum(row.count for row in Allowance.objects.filter(name="signin.passkey")) == 2


def test_a_wrong_passkey_leaves_its_count(customer, enrolled, origin, now):
    with pytest.raises(KeyNotRight):
        enter_by_passkey(Answer("key", response="{}", state="x"), Visit(origin, now))

    assert Allowance.objects.get().count == 1


def test_strangers_failures_never_close_the_way_of_a_passkey(customer, key, enrolled, visitor):
    for _ in range(11):
        visitor.post("/signin", {"identifier": customer.handle, "password": "guess"})

    enter(visitor, key)

    assert signed_in(visitor)


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


def test_the_passkey_of_a_closed_account_is_refused_as_an_unknown_one(
    customer, key, enrolled, visitor
):
    Account.objects.filter(pk=customer.account.pk).update(state="closed", email_key=None)
    unknown = enter(a_browser(), Authenticator(owner=customer.account.pk.bytes))
    closed = enter(visitor, key)

    assert not signed_in(visitor)
    assert closed.headers["Location"] == unknown.headers["Location"]
    assert closed.cookies["messages"].value[:20] == unknown.cookies["messages"].value[:20]
    assert sum(row.count for row in Allowance.objects.filter(name="signin.passkey")) == 2


def test_a_key_without_counter_is_no_copy(customer, key, enrolled, visitor):
    key.step = 0
    for _ in range(2):
        browser = a_browser()
        enter(browser, key)
        assert signed_in(browser)


def test_a_sign_in_page_offers_passkeys_for_an_hour(customer, key, enrolled, visitor):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        options, state = asked(visitor.get("/signin"))
        clock.shift(timedelta(minutes=60))
        visitor.post("/signin/passkey", {"response": key.prove(options), "state": state})
    assert not signed_in(visitor)


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


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_one_answer_given_by_several_at_once_opens_one_session(customer, key, origin):
    enrol(customer, key)
    Session.objects.all().delete()
    key.step = 0
    asked_now = ceremony.ask_to_prove(purpose="passkey", verified=True, now=timezone.now())
    answer = Answer("key", response=key.prove(asked_now.options), state=asked_now.state)
    outcomes, start = [], threading.Barrier(4)

    def go() -> None:
        start.wait()
        try:
            enter_by_passkey(answer, Visit(Origin("203.0.113.7", ""), timezone.now()))
            outcomes.append("in")
        except KeyNotRight:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["in", "refused", "refused", "refused"]
    assert Session.objects.count() == 1


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


def test_a_sign_in_by_passkey_tells_of_the_failures_before_it_once(
    customer, key, enrolled, visitor, post
):
    enter(visitor, key)
    for number in range(4):
        stranger = a_browser(REMOTE_ADDR=f"198.51.{number}.1")
        stranger.post("/signin", {"identifier": customer.handle, "password": "guess"})
    for told in (True, False):
        Mail.objects.all().delete()
        visitor.post("/signout")
        enter(visitor, key)
        assert signed_in(visitor)
        assert Mail.objects.exists() == told
        if told:
            text = text_of(post.last_to(customer.email))
            assert "4 tries with a wrong password came before it." in text


def test_a_neighbours_failures_do_not_close_the_way_of_a_passkey(customer, key, enrolled, visitor):
    for number in range(100):
        neighbour = a_browser(REMOTE_ADDR="127.0.0.9")
        neighbour.post("/signin", {"identifier": f"zz{number:06}-OVH", "password": "guess"})

    enter(visitor, key)

    assert signed_in(visitor)
