"""A stranger opens cases about somebody's account: to be read by its owner, or to bury them."""

from datetime import timedelta

import pytest

from nichandle.identity.cases import filing
from nichandle.identity.cases.errors import CasesRunAlready
from nichandle.identity.cases.models import Case
from nichandle.identity.cases.review import crowding
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin
from nichandle.platform.outbox.models import Mail
from tests.support.cases import ORIGIN, acts, told
from tests.support.post import text_of
from tests.support.worker import work

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


def notices(customer):
    return Mail.objects.filter(template="cases/mail/opened", recipient=customer.email)


@pytest.mark.parametrize("known", [True, False])
def test_three_cases_of_one_network_run_about_a_name_whether_somebody_has_it(
    known, world, customer
):
    name = customer.handle if known else "zz999999-OVH"
    for number in range(3):
        world.open(typed=name, address=f"n{number}@example.net")

    with pytest.raises(CasesRunAlready):
        world.file(typed=f" {name.lower().removesuffix('-ovh')}", address="n3@example.net")

    assert Case.objects.filter(state="open").count() == 3
    elsewhere = Act(Origin("203.0.113.9", ""), world.now)
    given = {"kind": "address_lost", "typed": name, "address": "o@example.net", "language": "en"}
    assert filing.begin(**given, act=elsewhere), "the owner asks from another network"
    neighbour = Act(Origin(ORIGIN.ip.rpartition(".")[0] + ".77", ""), world.now)
    with pytest.raises(CasesRunAlready):
        filing.begin(**given, act=neighbour)


@pytest.mark.parametrize("known", [True, False])
def test_those_begun_side_by_side_are_refused_by_the_worker_alike(known, world, customer, visitor):
    name = customer.handle if known else "zz999999-OVH"
    secrets = [world.file(typed=name, address=f"n{number}@example.net") for number in range(5)]
    for secret in reversed(secrets):
        procedure.send(secret=secret, act=Act(ORIGIN, world.now))
        world.clock.shift(timedelta(seconds=1))
    work()

    refused = Case.objects.filter(state="refused")
    assert [case.new_address for case in refused.order_by("pk")] == [
        "n0@example.net",
        "n1@example.net",
    ]
    assert {tuple(case.reasons) for case in refused} == {("already_many",)}
    assert told("claim_refused") == {"n0@example.net", "n1@example.net"}
    page = visitor.get(f"/procedure/case/{secrets[0]}").content.decode()
    assert "were opened from where you are" in page
    assert "case.refused" not in acts(customer.account)


def test_the_owner_hears_of_several_cases_once_a_day(world, customer, post):
    for number in range(3):
        world.open(address=f"n{number}@example.net")
    assert notices(customer).count() == 1

    crowding.tell_waiting(now=world.now)
    assert notices(customer).count() == 1
    world.clock.shift(timedelta(days=1, minutes=1))
    for _round in range(3):
        crowding.tell_waiting(now=world.now)
        work()

    assert notices(customer).count() == 2
    assert "2 more cases about your account run." in text_of(post.last_to(customer.email))


def test_a_decision_is_told_at_once_though_the_opening_was_not(world, customer):
    world.open(address="n0@example.net")
    world.open(address="n1@example.net")
    world.approve(0)
    world.approve(1)

    assert notices(customer).count() == 1
    approved = Mail.objects.filter(template="cases/mail/approved", recipient=customer.email)
    assert approved.count() == 1
