"""A case that waits for its papers."""

import re

import pytest

from nichandle.identity.recovery.tests.procedures import with_papers_due
from tests.support.post import text_of
from tests.support.worker import work


@pytest.fixture
def link(customer, visitor) -> str:
    return with_papers_due(visitor, customer.handle)


@pytest.fixture
def notice(link, visitor, customer, post) -> str:
    visitor.post(f"{link}/send")
    work()
    found = re.search(r"/procedure/notice/\S+", text_of(post.last_to(customer.email)))
    assert found
    return found[0]
