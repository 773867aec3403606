"""From the creation page to the customer area, through the pages."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from nichandle.identity.accounts.models import Account
from nichandle.identity.signup import operations
from nichandle.identity.signup.models import Creation
from nichandle.platform.kernel.act import Act
from nichandle.platform.outbox.models import Mail
from tests.support.people import PASSWORD, PERSON
from tests.support.post import Post, text_of, waiting_code

START = {"country": "FR", "language": "en", "email": "diane@example.org", "password": PASSWORD}
HANDLE = re.compile(r"\b[a-z]{2}[0-9]{6}-OVH\b")

pytestmark = pytest.mark.django_db


def begin(browser: Client, **changes: str):
    return browser.post("/signup", {**START, **changes})


def prove(browser: Client, post: Post, email: str = START["email"]):
    return browser.post("/signup/code", {"code": post.code_to(email)})


def create(browser: Client, post: Post, **details: str):
    begin(browser)
    prove(browser, post)
    return browser.post("/signup/details", {"kind": "individual", **PERSON, **details})


def test_a_newcomer_gets_an_identifier_and_a_mail_that_states_it(visitor, post):
    assert begin(visitor).headers["Location"] == "/signup/code"
    assert prove(visitor, post).headers["Location"] == "/signup/details"
    assert visitor.get("/signup/details").status_code == 200

    finished = visitor.post("/signup/details", {"kind": "individual", **PERSON})

    assert finished.headers["Location"] == "/signup/done"
    handle = Account.objects.get().handle.text
    assert re.fullmatch(r"dm[0-9]{6}-OVH", handle)
    welcome = post.last_to("diane@example.org")
    assert welcome["Subject"] == f"[{handle}] Welcome: your client identifier"
    assert handle in text_of(welcome)
    assert PASSWORD not in welcome.as_string()
    home = visitor.get("/area").content.decode()
    assert "D. Mercier" in home


def test_before_there_is_an_identifier_no_mail_leaves_a_gap_for_it(visitor, post):
    begin(visitor)
    prove(visitor, post)
    address = START["email"]
    elsewhere = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")

    elsewhere.post("/signin", {"identifier": address, "password": PASSWORD})
    code = text_of(post.last_to(address))
    elsewhere.post("/signin/code", {"code": post.code_to(address)})

    for text in (code, text_of(post.last_to(address))):
        assert "your account" in text
        assert not [line for line in text.splitlines() if "  " in line.strip()]


def test_the_new_account_signs_in_in_capitals_and_without_the_dash(visitor, post):
    create(visitor, post)
    handle = Account.objects.get().handle.text
    visitor.post("/signout")

    typed = handle.upper().replace("-", "")
    answer = visitor.post("/signin", {"identifier": typed, "password": PASSWORD})

    assert answer.headers["Location"] == "/area"


def test_before_the_code_nothing_is_reserved_and_nobody_signs_in(visitor):
    begin(visitor)

    assert not Account.objects.exists()
    answer = visitor.post("/signin", {"identifier": START["email"], "password": PASSWORD})
    assert answer.status_code == 422


def test_a_wrong_code_is_counted_and_the_fifth_voids_it(visitor, post):
    begin(visitor)
    right = post.code_to(START["email"])
    for left in (4, 3, 2, 1):
        answer = visitor.post("/signup/code", {"code": "BBBB-BBBB"})
        assert answer.status_code == 422
        assert f"Tries left: {left}." in answer.content.decode()
    assert "no longer valid" in visitor.post("/signup/code", {"code": "BBBB-BBBB"}).content.decode()

    assert visitor.post("/signup/code", {"code": right}).status_code == 422
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    "around", ["{}\u200b", "\u202a{}\u202c", "«\u202f{}\u202f»", "*{}*", "{}\ufeff\u00ad"]
)
def test_a_code_is_taken_with_what_was_copied_along(visitor, post, around):
    begin(visitor)

    typed = around.format(post.code_to(START["email"]))
    assert visitor.post("/signup/code", {"code": typed}).status_code == 302


def test_what_cannot_be_a_code_spends_no_try(visitor, post):
    begin(visitor)
    for typed in ["BCDF", "BCDF-GHJK-LM", "my code", "aeiou-aei", "12345678"] * 2:
        answer = visitor.post("/signup/code", {"code": typed})
        assert answer.status_code == 422
        assert "it has eight letters, such as BCDF-GHJK" in answer.content.decode()

    assert Creation.objects.get().wrong_codes == 0
    assert visitor.post("/signup/code", {"code": post.code_to(START["email"])}).status_code == 302


def test_the_count_of_a_wrong_code_stays_although_it_is_refused(visitor, post, origin, now):
    secret = operations.begin(
        country="FR",
        language="en",
        address=START["email"],
        password=PASSWORD,
        replaces=None,
        act=Act(origin, now),
    )
    for refusal, count in [(operations.CreationCodeWrong, 4), (operations.CodeSpent, 1)]:
        for _ in range(count):
            with pytest.raises(refusal):
                operations.confirm(secret=secret, code="BBBB-BBBB", act=Act(origin, now))

    assert Creation.objects.get().wrong_codes == 5


def test_a_code_lasts_half_an_hour(visitor):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        begin(visitor)
        code = waiting_code("signup/mail/code", START["email"])
        clock.shift(timedelta(minutes=30))
        late = visitor.post("/signup/code", {"code": code})

        assert late.status_code == 422
        assert "no longer valid" in late.content.decode()
        assert not Account.objects.exists()
        assert Creation.objects.get().wrong_codes == 0

        clock.shift(timedelta(seconds=-1))
        assert visitor.post("/signup/code", {"code": code}).status_code == 302


def test_a_code_sent_again_lasts_half_an_hour_from_then(visitor):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        begin(visitor)
        clock.shift(timedelta(minutes=29))
        visitor.post("/signup/code/again")
        code = waiting_code("signup/mail/code", START["email"])
        clock.shift(timedelta(minutes=29))

        assert visitor.post("/signup/code", {"code": code}).status_code == 302


def test_a_code_is_accepted_with_spaces_and_in_small_letters(visitor, post):
    begin(visitor)
    code = post.code_to(START["email"]).replace("-", " ").lower()

    assert visitor.post("/signup/code", {"code": f" {code} "}).status_code == 302


def test_sending_again_voids_the_code_before(visitor, post):
    begin(visitor)
    first = post.code_to(START["email"])
    visitor.post("/signup/code/again")
    second = post.code_to(START["email"])

    assert visitor.post("/signup/code", {"code": first}).status_code == 422
    assert visitor.post("/signup/code", {"code": second}).status_code == 302


def test_a_code_works_in_the_browser_that_asked_for_it_alone(visitor, post):
    begin(visitor)
    thief = Client(HTTP_HOST="localhost")

    answer = thief.post("/signup/code", {"code": post.code_to(START["email"])})

    assert answer.headers["Location"] == "/signup"
    assert not Account.objects.exists()


def test_the_first_right_code_for_an_address_wins(visitor, post):
    other = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    begin(visitor)
    mine = post.code_to(START["email"])
    begin(other)
    theirs = post.code_to(START["email"])

    assert visitor.post("/signup/code", {"code": mine}).status_code == 302
    assert other.post("/signup/code", {"code": theirs}).headers["Location"] == "/signup"
    assert Account.objects.count() == 1
    assert not Creation.objects.exists()


def test_left_half_way_the_next_sign_in_goes_on_with_the_details(visitor, post):
    begin(visitor)
    prove(visitor, post)
    later = Client(HTTP_HOST="localhost")

    half = later.post("/signin", {"identifier": START["email"], "password": PASSWORD})
    code = waiting_code("signin/mail/code", START["email"])
    answer = later.post(half.headers["Location"], {"code": code})

    assert answer.headers["Location"] == "/signup/details"
    assert later.get("/area").headers["Location"] == "/signup/details"


def test_a_double_click_makes_one_account_and_one_mail(visitor, post):
    create(visitor, post)
    visitor.post("/signup/details", {"kind": "individual", **PERSON})

    assert Account.objects.count() == 1
    assert Mail.objects.filter(template="signup/mail/welcome").count() == 1


def test_a_known_address_gets_the_same_page_and_its_owner_a_mail(visitor, customer, post):
    unknown = begin(visitor, email="nobody@example.org")
    known = begin(Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en"), email=customer.email)

    assert (known.status_code, known.headers["Location"]) == (302, unknown.headers["Location"])
    mail = post.last_to(customer.email)
    assert mail["Subject"] == f"[{customer.handle}] You already have an account"


def test_a_known_address_costs_the_same_statements(
    visitor, customer, django_assert_num_queries, django_assert_max_num_queries
):
    with django_assert_max_num_queries(30) as unknown:
        begin(visitor, email="nobody@example.org")
    other = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    with django_assert_num_queries(len(unknown)):
        begin(other, email=customer.email)


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("email", "diane@", "Enter a complete e-mail address"),
        ("email", "diane@mailinator.com", "made to be thrown away"),
        ("password", "short", "at least 15 characters"),
        ("password", "passwordpassword", "tried first by thieves"),
        ("password", "diane@example.org", "your own data"),
        ("country", "XX", "Choose a country of the list"),
    ],
)
def test_wrong_input_is_422_with_a_sentence_and_keeps_what_was_typed(
    visitor, field, typed, sentence
):
    answer = begin(visitor, **{field: typed})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    if field != "email":
        assert 'value="diane@example.org"' in page
    assert typed not in page or field != "password" or typed == START["email"]
    assert PASSWORD not in page


def test_changing_the_kind_of_holder_keeps_what_was_typed(visitor, post):
    begin(visitor)
    prove(visitor, post)

    answer = visitor.post(
        "/signup/details", {**PERSON, "kind": "corporation", "switch": "yes", "city": "Roubaix"}
    )

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "SIREN" in page
    assert 'value="Roubaix"' in page


def test_a_recovery_address_counts_once_its_own_code_is_entered(visitor, post):
    finished = create(visitor, post, recovery_address="spare@example.net")
    assert finished.headers["Location"] == "/signup/recovery"

    assert visitor.post("/signup/recovery", {"code": "BBBB-BBBB"}).status_code == 422
    answer = visitor.post("/signup/recovery", {"code": post.code_to("spare@example.net")})

    assert answer.headers["Location"] == "/signup/done"
    recovery = Account.objects.get().recovery_addresses.get()
    assert recovery.proven_at is not None
    assert recovery.at_creation
    told = [address for address, _ in post.deliver()]
    assert told == ["diane@example.org", "spare@example.net"]


def test_the_recovery_address_cannot_be_the_primary_one(visitor, post):
    answer = create(visitor, post, recovery_address="DIANE@example.org")

    assert answer.status_code == 422
    assert "Give another address" in answer.content.decode()
    assert Account.objects.get().state == "opening"


def test_too_many_creations_from_one_network_are_told_to_wait(visitor):
    for number in range(30):
        assert begin(visitor, email=f"n{number}@example.org").status_code == 302

    answer = begin(visitor, email="late@example.org")

    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert 'value="late@example.org"' in answer.content.decode()


def test_too_many_questions_about_strength_get_a_page_that_says_how_long_to_wait(visitor):
    for _ in range(20):
        assert visitor.post("/password/strength", {"password": ""}).status_code == 200

    answer = visitor.post("/password/strength", {"password": ""})

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 61
    assert "Waiting is enough" in answer.content.decode()


def test_whoever_was_on_the_way_somewhere_goes_on_there_afterwards(visitor, post):
    start = visitor.get("/signup?next=/order/checkout").content.decode()
    assert '<input type="hidden" name="next" value="/order/checkout">' in start
    assert 'href="/signin?next=%2Forder%2Fcheckout"' in start

    begin(visitor, next="/order/checkout")
    prove(visitor, post)
    visitor.post("/signup/details", {"kind": "individual", **PERSON})

    assert 'href="/order/checkout"' in visitor.get("/signup/done").content.decode()


def test_a_way_on_in_other_letters_is_kept_in_those_of_a_header(visitor, post):
    begin(visitor, next="/commander/日本")
    assert visitor.cookies["onward"].value.isascii()
    prove(visitor, post)
    visitor.post("/signup/details", {"kind": "individual", **PERSON})

    assert 'href="/commander/%E6%97%A5%E6%9C%AC"' in visitor.get("/signup/done").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_nobody_is_sent_elsewhere_after_a_creation(visitor, post, elsewhere):
    begin(visitor, next=elsewhere)
    visitor.cookies["onward"] = elsewhere
    prove(visitor, post)
    visitor.post("/signup/details", {"kind": "individual", **PERSON})

    done = visitor.get("/signup/done").content.decode()

    assert "evil" not in done
    assert "javascript:1" not in done
    assert 'href="/area"' in done


def test_signing_in_leads_to_a_creation_that_goes_on_where_one_was(visitor):
    page = visitor.get("/signin?next=/order/checkout").content.decode()

    assert 'href="/signup?next=%2Forder%2Fcheckout"' in page
    assert 'href="/signup"' in visitor.get("/signin").content.decode()
