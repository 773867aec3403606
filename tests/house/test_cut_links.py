"""Every link of a mail, cut by one sign: its page says so, and what to do."""

import re

import pytest
from django.urls import reverse

from nichandle.platform.kernel import tokens
from tests.house.test_permissions import PATTERNS

pytestmark = pytest.mark.django_db
LINKS = sorted(
    name
    for name, pattern in PATTERNS.items()
    if set(pattern.pattern.converters) == {"secret"}
    and str(pattern.pattern).endswith("secret>")
    # No mail leads there: the product itself sends the browser on.
    and name not in {"payments:trial", "payments:trial_card"}
)


def test_there_are_links():
    assert len(LINKS) > 8


@pytest.mark.parametrize("name", LINKS)
def test_a_cut_link_says_that_it_is_cut_and_what_to_do(name, visitor):
    secret = tokens.mint().secret[:-1]

    answer = visitor.get(reverse(name, kwargs={"secret": secret}), follow=True)

    said = answer.content.decode()
    assert answer.status_code == 410
    assert re.search(
        r"not complete\S* (then )?copy the whole of it from the mail", said, re.IGNORECASE
    )
