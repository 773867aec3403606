"""Who works here: invited by link, by role, dismissed at once, and all of it in a ledger."""

import re

import pytest
from django.utils import timezone

from nichandle.identity.staff import people
from nichandle.identity.staff.doing import do
from nichandle.identity.staff.models import StaffEntry, StaffMember
from nichandle.identity.staff.roles import RIGHTS, ROLES, NotYourRight
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import NOWHERE
from nichandle.sites.desk import operations
from nichandle.sites.desk.tests.people import OWN, Colleague, at_once, browser, colleague
from tests.support.post import text_of

pytestmark = pytest.mark.django_db
PAGES = {
    "cases": ["/desk/cases"],
    "bank": ["/desk/bank"],
    "people": ["/desk/people", "/desk/ledger"],
}
"""The pages that each right opens."""


def member(name: str) -> StaffMember:
    return StaffMember.objects.get(email=f"{name.lower()}@provider.example")


def acts(name: str) -> list[str]:
    rows = StaffEntry.objects.filter(member=member(name)).order_by("pk")
    return list(rows.values_list("what", flat=True))


def invitation(name: str, role: str = "billing") -> dict[str, str]:
    return {"name": name, "email": f"{name.lower()}@provider.example", "role": role}


def mailed_link(post, name: str) -> str:
    post.deliver()
    found = re.search(r"/desk/setup/\S+", text_of(post.last_to(f"{name.lower()}@provider.example")))
    assert found
    return found[0]


@pytest.fixture
def ines() -> Colleague:
    """The desk administrator."""
    return colleague("Ines", "administrator")


def test_an_administrator_invites_a_colleague_who_sets_password_and_key(ines, post):
    answer = ines.browser.post("/desk/people/invite", invitation("Nora"), follow=True)

    link = mailed_link(post, "Nora")
    assert "on its way" in answer.content.decode()
    # The administrator cannot use it in the newcomer's place: it is in the mail alone.
    assert link not in answer.content.decode()
    nora = Colleague("Nora")
    assert nora.set_up(link).headers["Location"] == "/desk"
    assert nora.browser.get("/desk", follow=True).status_code == 200
    assert member("Nora").role == "billing"
    assert acts("Nora") == ["staff.set_up"]
    assert "staff.invited" in acts("Ines")


def test_an_invitation_lacking_something_says_what(ines):
    answer = ines.browser.post("/desk/people/invite", invitation("Nora") | {"role": "owner"})

    assert answer.status_code == 422
    assert not StaffMember.objects.filter(name="Nora").exists()


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_sees_its_own_pages_and_no_other(role):
    who = colleague("Nora", role)
    assert set(PAGES) <= set(RIGHTS)
    for right, places in PAGES.items():
        for place in places:
            answer = who.browser.get(place)
            if right in ROLES[role].rights:
                assert answer.status_code == 200
            else:
                assert answer.headers["Location"] == "/desk"


@pytest.mark.parametrize("role", list(ROLES))
def test_each_role_reads_what_it_may_do_and_what_nobody_can(role):
    page = colleague("Nora", role).browser.get("/desk/rights").content.decode()

    mine = page.partition('id="never"')[0]
    for name, sentence in RIGHTS.items():
        assert (str(sentence) in mine) == (name in ROLES[role].rights)
    assert "Sign in as a customer" in page


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_nobody_but_an_administrator_touches_colleagues(role):
    thief, claire = colleague("Nora", role), colleague("Claire")
    before = StaffMember.objects.count()
    for place, given in (
        ("invite", invitation("Mole", "administrator")),
        (f"{member('Claire').pk}/role", {"role": "billing"}),
        (f"{member('Claire').pk}/dismiss", {}),
    ):
        assert thief.browser.post(f"/desk/people/{place}", given).headers["Location"] == "/desk"
    act = Act(NOWHERE, timezone.now())
    by = member("Nora").pk
    with pytest.raises(NotYourRight):
        people.change_role(member("Claire").pk, role="billing", by=by, act=act)
    with pytest.raises(NotYourRight):
        people.invite_colleague(by=by, **invitation("Mole"), language="en", act=act)
    with pytest.raises(NotYourRight):
        operations.dismiss(email=claire.email, now=act.now, by=by, act=act)

    assert StaffMember.objects.count() == before
    assert member("Claire").role == "reviewer"
    assert member("Claire").active


def test_an_administrator_changes_neither_their_own_role_nor_their_own_access(ines):
    own = member("Ines").pk
    ines.browser.post(f"/desk/people/{own}/role", {"role": "reviewer"})
    ines.browser.post(f"/desk/people/{own}/dismiss")
    ines.browser.post("/desk/people/invite", invitation("Ines", "reviewer"))

    assert member("Ines").role == "administrator"
    assert member("Ines").active
    assert ines.browser.get("/desk/people").status_code == 200


def test_a_role_that_was_taken_away_is_gone_in_a_tab_that_is_open(ines):
    claire = colleague("Claire")
    assert claire.browser.get("/desk/cases").status_code == 200
    ines.browser.post(f"/desk/people/{member('Claire').pk}/role", {"role": "billing"})

    assert claire.browser.get("/desk/cases").headers["Location"] == "/desk"
    entry = StaffEntry.objects.get(what="staff.role_changed")
    assert (entry.member, entry.details) == (member("Ines"), {"old": "reviewer", "new": "billing"})


def test_the_open_tab_of_a_dismissed_colleague_does_nothing(ines):
    eve = colleague("Eve", "administrator")
    assert eve.browser.get("/desk/people").status_code == 200
    ines.browser.post(f"/desk/people/{member('Eve').pk}/dismiss")

    for method, place in (("get", "people"), ("post", "people/invite"), ("get", "ledger")):
        answer = getattr(eve.browser, method)(f"/desk/{place}", invitation("Mole"))
        assert answer.headers["Location"] == "/desk/signin"
    assert not StaffMember.objects.filter(name="Mole").exists()
    assert eve.give_password(password=OWN).status_code == 422


def test_nobody_acts_who_is_dismissed_between_the_page_and_the_operation(ines):
    colleague("Claire")
    claire, done = member("Claire"), []
    act = Act(NOWHERE, timezone.now())
    given = {"what": "case.taken", "right": "cases", "member_id": claire.pk, "act": act}
    do(lambda: done.append(1), **given)
    operations.dismiss(email=claire.email, now=act.now)
    with pytest.raises(NotYourRight):
        do(lambda: done.append(2), **given)

    assert done == [1]
    assert acts("Claire").count("case.taken") == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_dismiss_each_other_leave_one():
    colleague("Ines", "administrator")
    colleague("Eve", "administrator")

    def dismissing(who: str, whom: str):
        act = Act(NOWHERE, timezone.now())
        by, email = member(who).pk, member(whom).email
        return lambda: operations.dismiss(email=email, now=act.now, by=by, act=act)

    outcome = at_once(dismissing("Ines", "Eve"), dismissing("Eve", "Ines"))

    assert outcome == ["done", "staff.not_your_right"]
    assert StaffMember.objects.filter(active=True).count() == 1


def test_the_ledger_tells_who_did_what(ines):
    claire = colleague("Claire")
    claire.browser.post("/desk/signout")
    claire.sign_in()
    page = ines.browser.get("/desk/ledger").content.decode()
    of_claire = ines.browser.get(f"/desk/ledger?who={member('Claire').pk}").content.decode()

    assert acts("Claire") == ["staff.set_up", "staff.signed_out", "staff.signed_in"]
    assert "Signed out" in of_claire
    assert "Colleague invited" in page
    assert "Colleague invited" not in of_claire
    assert OWN not in page


def test_the_ledger_is_read_page_by_page(ines):
    act = Act(NOWHERE, timezone.now())
    given = {"what": "staff.signed_in", "right": "people", "member_id": member("Ines").pk}
    for number in range(60):
        do(lambda: None, **given, act=act, subject=f"line {number:02}")
    first = ines.browser.get("/desk/ledger").content.decode()
    following = re.search(r'href="(/desk/ledger\?after=\d+)"', first)
    assert following
    second = ines.browser.get(following[1]).content.decode()

    assert "line 59" in first
    assert "line 05" in second
    assert "line 59" not in second


def test_a_customer_s_session_opens_nothing_here_and_a_colleague_s_nothing_there(customer, ines):
    theirs = customer.sign_in()
    for place in ("people", "ledger", "rights", "cases"):
        assert theirs.get(f"/desk/{place}").headers["Location"] == "/desk/signin"
    assert ines.browser.get("/account").headers["Location"].startswith("/signin")


def test_the_address_of_before_leads_to_the_desk(ines):
    assert browser().get("/review").headers["Location"] == "/desk"
