"""Whatever a program sends in place of a browser's answer is refused, and breaks nothing."""

import json
import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from nichandle.identity.factors import ceremony

pytestmark = pytest.mark.django_db
ODD = (
    '{"id": "\\u0000"}',
    '{"id": "\\ud800"}',
    json.dumps({"id": "x", "response": {"clientDataJSON": 5, "signature": {}, "userHandle": 3}}),
    '{"id": "x", "response": {"userHandle": "\\ud800"}}',
    '{"id": {"a": 1}}',
    '{"id": NaN}',
    '"x"',
    "1e999",
    "[" * 5000,
    "",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "id": VALUES,
        "rawId": VALUES,
        "type": st.just("public-key") | VALUES,
        "response": VALUES
        | st.fixed_dictionaries(
            {}, optional=dict.fromkeys((*NAMES, "transports"), st.text("AQIDwxyz_-") | VALUES)
        ),
        "clientExtensionResults": VALUES,
    },
)


@pytest.mark.parametrize("response", ODD)
def test_an_odd_passkey_is_sent_back_to_the_sign_in_page(response):
    browser = Client(HTTP_HOST="localhost")
    state = re.search(r'name="state" value="([^"]+)"', browser.get("/signin").content.decode())
    assert state
    answer = browser.post("/signin/passkey", {"response": response, "state": state[1]})
    assert answer.status_code == 302


@given(ANSWERS)
@settings(deadline=None, max_examples=150)
def test_no_answer_breaks_the_reading_of_it(answer):
    written, now = json.dumps(answer), timezone.now()
    named = ceremony.named_in(written)
    assert named == "" or named.isascii()
    ceremony.owner_named_in(written)
    account = uuid4()
    asked = ceremony.ask_to_register(account, handle="dm429850-OVH", name="Diane", keys=[], now=now)
    with pytest.raises(ceremony.KeyNotRight):
        ceremony.registered(written, asked.state, owner_id=account, now=now)
