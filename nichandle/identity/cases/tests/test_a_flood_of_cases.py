"""A stranger opens cases about somebody's account: to be read by its owner, or to bury them."""

import pytest

from tests.support.post import text_of

pytestmark = pytest.mark.django_db
ADVERTISEMENT = "x@claim-your-500-euros.evil.example"


def test_the_owner_reads_nothing_of_the_address_a_stranger_chose(world, customer, post):
    world.open(address=ADVERTISEMENT)
    world.approve(0)
    world.approve(1)
    post.deliver()

    read = [
        str(letter["Subject"]) + text_of(letter)
        for to, letter in post.messages
        if to == customer.email
    ]
    assert len(read) == 2
    assert not [text for text in read if "evil.example" in text or "500-euros" in text]


def test_who_opens_the_page_of_the_notice_sees_it(world, visitor):
    world.open(address=ADVERTISEMENT)

    page = visitor.get(f"/procedure/notice/{world.notice()}").content.decode()

    assert "evil.example" in page
