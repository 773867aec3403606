"""The pages of the procedure: no sign-in, one link, the same for a known identifier and none."""

import io
import re
import subprocess
import sys
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image, PngImagePlugin

from nichandle.identity.cases import queries
from nichandle.identity.cases.errors import CaseCodeWrong
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.kinds import MOST_PAGES, PAPER_REASONS
from nichandle.identity.cases.models import Case, Objection, Paper, PaperBody
from nichandle.identity.cases.papers import drawing, renderer
from nichandle.identity.cases.papers import uploads as papers
from nichandle.identity.cases.review import reviewing, showing
from nichandle.platform.kernel import uploads
from nichandle.platform.outbox.models import Mail
from tests.support.cases import NEW, ORIGIN, World, judge, make_reviewer
from tests.support.post import deliver, text_of, waiting_code
from tests.support.worker import work

pytestmark = pytest.mark.django_db
START = {"kind": "address_lost", "address": NEW}
NEW_PASSWORD = "carafe violette sur le quai"


def shown(answer) -> str:
    """Return a page without what every page has anew."""
    page = answer.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    page = re.sub(r"/procedure/case/[\w-]+", "", page)
    page = re.sub(r'value="[0-9a-f]{32}"', "", page)
    page = re.sub(r'datetime="[^"]+">[^<]+<', "", page)
    return re.sub(r"D-\w{4}-\w{4}", "", page)


def picture(form: str = "JPEG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form, **options)
    return out.getvalue()


def upload(browser: Client, link: str, data: bytes, item: str = "identity", name: str = "p.jpg"):
    file = SimpleUploadedFile(name, data, content_type="image/jpeg")
    return browser.post(f"{link}/paper", {"item": item, "paper": file})


def begun(browser: Client, typed: str, **more: str) -> str:
    answer = browser.post("/procedure", {**START, "typed": typed, **more})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def with_papers_due(browser: Client, typed: str, **more: str) -> str:
    """Go to the page of the papers."""
    link = begun(browser, typed, **more)
    code = waiting_code("cases/mail/code", more.get("address", NEW))
    assert browser.post(link, {"code": code}).status_code == 302
    done = browser.post(link, {"holder": "individual", "words": "I moved to Nantes."})
    assert done.status_code == 302
    return link


@pytest.fixture
def link(customer, visitor) -> str:
    return with_papers_due(visitor, customer.handle)


# From the first page to the last.


def test_from_the_first_page_to_a_new_password(customer, visitor, post):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world = World(customer, clock, [make_reviewer("Claire"), make_reviewer("Karim")])
        link = with_papers_due(visitor, customer.handle.upper())
        assert "Proof of address" in visitor.get(link).content.decode()
        assert upload(visitor, link, picture()).status_code == 302
        assert upload(visitor, link, picture("PDF"), "address_proof").status_code == 302
        visitor.post(f"{link}/send")
        work()
        case = Case.objects.get()
        assert case.number in visitor.get(link).content.decode()
        assert case.number in text_of(post.last_to(NEW))
        world.number = case.number
        world.approve(0)
        world.approve(1)
        post.deliver()
        page = visitor.get(link).content.decode()
        assert "If nobody objects" in page
        world.later(hours=72)
        reset = re.search(r"/password/new/\S+", text_of(post.last_to(NEW)))
        assert reset
        assert visitor.post(reset[0], {"password": NEW_PASSWORD}).status_code == 302
        assert "Done" in visitor.get(link).content.decode()
    assert customer.sign_in is not None


def test_the_mailed_link_opens_the_same_page(link, visitor, post):
    visitor.post(f"{link}/send")
    mailed = re.search(r"/procedure/case/\S+", text_of(post.last_to(NEW)))

    assert mailed
    assert mailed[0] == link


def test_a_wrong_code_is_said_beside_the_field_with_the_tries_left(customer, visitor):
    link = begun(visitor, customer.handle)
    wrong = visitor.post(link, {"code": "BBBB-BBBB"})

    assert wrong.status_code == 422
    assert str(CaseCodeWrong(left=4)) in wrong.content.decode()
    assert Case.objects.get().wrong_codes == 1


def test_the_first_page_keeps_what_was_typed(visitor):
    answer = visitor.post("/procedure", {"kind": "both_lost", "typed": "dm1", "address": "no"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="dm1"' in page
    assert re.search(r'value="both_lost"[^>]*checked', page)


@pytest.mark.parametrize("mangled", ["x", "x" * 32, "%2E%2E", "é", "a" * 500])
def test_a_mangled_link_is_a_page_that_helps(visitor, mangled):
    answer = visitor.get(f"/procedure/case/{mangled}")

    assert answer.status_code == 410
    assert "Begin again" in answer.content.decode()


def test_a_kind_visitors_cannot_open_is_refused(visitor):
    answer = visitor.post("/procedure", {**START, "kind": "not_me", "typed": "x"})

    assert answer.status_code == 422
    assert not Case.objects.exists()


def test_one_network_begins_ten_cases_an_hour(visitor):
    for number in range(10):
        begun(visitor, "x", address=f"n{number}@example.net")
    refused = visitor.post("/procedure", {**START, "typed": "x", "address": "n@example.net"})

    assert refused.status_code == 429
    assert "Retry-After" in refused.headers


def test_a_stranger_does_not_spend_what_the_new_mailbox_may_be_sent(visitor):
    for number in range(9):
        asked = {**START, "typed": "x", "address": f"new+{number}@example.net"}
        refused = visitor.post("/procedure", asked, REMOTE_ADDR="203.0.113.9")
    assert refused.status_code == 429

    asked = {**START, "typed": "x", "address": "new@example.net"}
    begun_elsewhere = visitor.post("/procedure", asked, REMOTE_ADDR="198.51.100.7")

    assert begun_elsewhere.status_code == 302
    assert Mail.objects.filter(recipient="new@example.net").count() == 1


def test_a_case_can_be_withdrawn_and_its_papers_are_gone(link, visitor):
    upload(visitor, link, picture())
    visitor.post(f"{link}/send")
    work()
    visitor.post(f"{link}/withdraw", {"meaning": "withdraw"})

    assert Case.objects.get().state == "withdrawn"
    assert not PaperBody.objects.exists()
    assert "Withdrawn" in visitor.get(link).content.decode()


def test_sent_twice_is_sent_once(link, visitor):
    for _ in range(3):
        assert visitor.post(f"{link}/send").status_code == 302
    work()
    assert Mail.objects.filter(template="cases/mail/received").count() == 1
    assert Mail.objects.filter(template="cases/mail/opened").count() == 1


def test_nothing_is_sent_before_the_address_is_proven(customer, visitor):
    link = begun(visitor, customer.handle)
    visitor.post(f"{link}/send")
    refused = upload(visitor, link, picture())
    work()

    assert refused.status_code == 410
    assert Case.objects.get().state == "filing"
    assert not Mail.objects.filter(template="cases/mail/opened").exists()


def test_a_new_link_to_the_page_goes_to_the_address_of_the_case(link, visitor, post):
    visitor.post(f"{link}/send")
    work()
    number = Case.objects.get().number
    answers = [
        visitor.post("/procedure/follow", {"number": typed, "address": address})
        for typed, address in (
            (number.lower(), NEW),
            (number, "nobody@example.net"),
            ("D-2222-2222", NEW),
            (number, "nonsense"),
        )
    ]
    work()

    assert len({shown(answer) for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert Mail.objects.filter(template="cases/mail/link").count() == 1
    fresh = re.search(r"/procedure/case/\S+", text_of(post.last_to(NEW)))
    assert fresh
    assert visitor.get(fresh[0]).status_code == 200
    assert visitor.get(link).status_code == 410


# Known and unknown.


def steps_of(visitor: Client, typed: str, address: str) -> list[tuple[int, str, int, int, int]]:
    """Walk through the pages; return status, page, queries, mails and rows of each step."""
    seen = []

    def step(act) -> str:
        before = Mail.objects.count(), Case.objects.count()
        with CaptureQueriesContext(
            connection,
        ) as found:
            answer = act()
        after = Mail.objects.count() - before[0], Case.objects.count() - before[1]
        seen.append((answer.status_code, shown(answer), len(found), *after))
        return answer.headers.get("Location", "")

    link = step(lambda: visitor.post("/procedure", {**START, "typed": typed, "address": address}))
    step(lambda: visitor.get(link))
    step(lambda: visitor.post(link, {"code": "BBBB-BBBB"}))
    code = waiting_code("cases/mail/code", address)
    step(lambda: visitor.post(link, {"code": code}))
    step(lambda: visitor.post(link, {"holder": "individual", "words": "hello"}))
    step(lambda: upload(visitor, link, picture()))
    step(lambda: visitor.get(link))
    step(lambda: visitor.post(f"{link}/send"))
    step(lambda: visitor.get(link))
    work()
    step(lambda: visitor.get(link))
    return [(status, page.replace(address, "…"), *counts) for status, page, *counts in seen]


def test_an_unknown_identifier_gets_the_same_pages_mails_rows_and_cost(customer):
    walks = {}
    for number, typed in enumerate((customer.handle, "zz999999-OVH", customer.email, "what?")):
        browser = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
        browser.get("/procedure")
        walks[typed] = steps_of(browser, typed, f"new{number}@example.net")

    first, *others = walks.values()
    assert len(first) == 10
    for other in others:
        assert other == first
    assert set(Case.objects.values_list("account", flat=True)) == {customer.account.pk, None}
    told = Mail.objects.filter(template="cases/mail/opened").values_list("recipient", flat=True)
    assert set(told) == {customer.email}


def test_what_was_typed_does_not_lie_about_in_clear(customer, visitor):
    begun(visitor, "nobody@example.org")

    assert "nobody" not in str(Case.objects.values())


def test_the_database_holds_neither_link_nor_words(link, visitor):
    visitor.post(f"{link}/send")
    work()
    stored = str(Case.objects.values()) + str(Mail.objects.values())

    assert link.rpartition("/")[2] not in stored
    assert "Nantes" not in stored


def test_an_objection_is_not_told_before_the_decision(link, visitor, customer, post):
    visitor.post(f"{link}/send")
    work()
    before = shown(visitor.get(link))
    notice = re.search(r"/procedure/notice/\S+", text_of(post.last_to(customer.email)))
    assert notice
    visitor.post(notice[0], {"meaning": "object"})

    assert Objection.objects.exists()
    assert shown(visitor.get(link)) == before


# Objecting.


@pytest.fixture
def notice(link, visitor, customer, post) -> str:
    visitor.post(f"{link}/send")
    work()
    found = re.search(r"/procedure/notice/\S+", text_of(post.last_to(customer.email)))
    assert found
    return found[0]


def test_opening_a_notice_s_link_changes_nothing_however_often(notice, visitor):
    for _ in range(3):
        assert visitor.get(notice).status_code == 200
        visitor.head(notice)

    assert not Objection.objects.exists()
    assert Case.objects.get().confirmed_at is None


def test_one_button_objects(notice, visitor):
    answer = visitor.post(notice, {"meaning": "object", "words": "Never moved."})

    assert "Your objection is noted" in answer.content.decode()
    objection, case = Objection.objects.get(), Case.objects.get()
    assert "Never moved." not in objection.words, "sealed like the papers"
    name = sealing.of_objection(objection)
    assert sealing.words_of(case, objection.words, name=name) == "Never moved."
    assert case.contested_at is not None


def test_the_other_confirms(notice, visitor):
    answer = visitor.post(notice, {"meaning": "confirm"})

    assert "Confirmed" in answer.content.decode()
    assert Case.objects.get().confirmed_at is not None
    assert not Objection.objects.exists()


def test_a_notice_of_a_closed_case_is_a_page_that_helps(notice, link, visitor):
    visitor.post(f"{link}/withdraw", {"meaning": "withdraw"})

    assert visitor.get(notice).status_code == 410
    assert visitor.post(notice, {"meaning": "object"}).status_code == 410
    assert visitor.get("/procedure/notice/x").status_code == 410


def test_signed_in_one_sees_the_cases_about_oneself_and_objects(notice, customer, stranger):
    number = Case.objects.get().number
    here = customer.sign_in()
    assert "Somebody has opened a case" in here.get("/area").content.decode()
    assert number in here.get("/account/cases").content.decode()
    assert number not in stranger.sign_in().get("/account/cases").content.decode()
    stranger.browser.post("/account/cases/object", {"number": number})
    assert not Objection.objects.exists()
    here.post("/account/cases/object", {"number": number, "words": "It is not me."})

    assert Objection.objects.get().by == "signin"


def test_an_old_session_is_asked_to_sign_in_again_before_it_objects(notice, customer):
    number = Case.objects.get().number
    with time_machine.travel(timezone.now(), tick=False) as clock:
        here = customer.sign_in()
        clock.shift(timedelta(minutes=11))
        asked = here.post("/account/cases/object", {"number": number, "words": "Not me."})

        assert "password" in asked.content.decode()
        assert not Objection.objects.exists()


# Papers.


@pytest.mark.parametrize(
    ("data", "media"),
    [(picture(), "jpeg"), (picture("PNG"), "png"), (picture("PDF"), "pdf")],
    ids=["jpeg", "png", "pdf"],
)
def test_what_a_paper_is_its_content_says(link, visitor, data, media):
    assert upload(visitor, link, data, name="photo.exe").status_code == 302

    assert Paper.objects.get().media == media


def bomb() -> bytes:
    """A picture of 400 megapixels in few bytes."""
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG", optimize=True)
    return out.getvalue()


REFUSED = {
    "empty": (b"", "This file is empty"),
    "text": (b"hello", "this is none"),
    "web page": (b"<html><script>alert(1)</script>", "this is none"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "this is none"),
    "gif": (picture("GIF"), "this is none"),
    "tiff": (picture("TIFF"), "this is none"),
    "zip": (b"PK\x03\x04" + b"\0" * 40, "this is none"),
    "postscript": (b"%!PS-Adobe-3.0\n", "this is none"),
    "a pdf behind something else": (b"x%PDF-1.7", "this is none"),
}


def pages(count: int) -> bytes:
    out = io.BytesIO()
    sheet = Image.new("RGB", (20, 20))
    sheet.save(out, "PDF", save_all=True, append_images=[sheet] * (count - 1))
    return out.getvalue()


REFUSED_LATER = {
    "cut off jpeg": (picture(size=(900, 900))[:2000], "cannot be opened"),
    "jpeg in name": (b"\xff\xd8\xff\xe0 not at all", "cannot be opened"),
    "png in name": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "cannot be opened"),
    "pdf in name": (b"%PDF-1.7 nothing behind it", "cannot be opened"),
    "a bomb of points": (bomb(), "too many points"),
    "a pdf of many pages": (pages(31), "more than 30"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_gets_a_clear_error_that_loses_nothing(link, visitor, case):
    upload(visitor, link, picture(), "address_proof")
    data, sentence = REFUSED[case]
    answer = upload(visitor, link, data, name="identity.jpg")

    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert Paper.objects.get().item == "address_proof"
    assert page.count("Being checked") == 1


@pytest.mark.parametrize("case", REFUSED_LATER)
def test_what_only_looks_like_a_paper_is_found_out_by_the_worker(link, visitor, case):
    upload(visitor, link, picture(), "address_proof")
    data, sentence = REFUSED_LATER[case]
    assert len(data) < 200_000
    assert upload(visitor, link, data, name="identity.jpg").status_code == 302
    page = visitor.get(link).content.decode()
    assert page.count("Being checked") == 2
    assert "Look again" in page
    assert judge() == 2

    page = visitor.get(link).content.decode()
    assert (page.count("Added"), page.count("Cannot be read")) == (1, 1)
    assert sentence in page
    assert "Look again" not in page
    assert PaperBody.objects.get().paper.item == "address_proof"


def test_a_file_beyond_ten_megabytes_is_refused_on_the_page(link, visitor):
    answer = upload(visitor, link, picture() + b"\0" * (10 * 1024 * 1024))

    assert answer.status_code == 422
    assert "larger than 10 MB" in answer.content.decode()


def test_what_is_announced_far_larger_is_not_even_read(link, visitor):
    class Endless(io.RawIOBase):
        taken = 0

        def read(self, size: int = -1) -> bytes:
            self.taken += size
            return b"\0" * max(size, 0)

    stream = Endless()
    answer = visitor.generic(
        "POST",
        f"{link}/paper",
        **{
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
            "CONTENT_LENGTH": str(uploads.READ_WHERE_WANTED + 1),
            "wsgi.input": stream,
        },
    )

    assert answer.status_code == 413
    assert "far too large" in answer.content.decode()
    assert stream.taken == 0


@pytest.mark.parametrize("page", ["/signin", "/procedure", "/password/lost"])
def test_no_other_page_takes_a_file(visitor, page, monkeypatch):
    kept = []
    monkeypatch.setattr(uploads.Guarded, "file_complete", lambda self, size: kept.append(size))
    small = visitor.post(page, {"file": SimpleUploadedFile("x.jpg", b"x" * 1000)})
    large = visitor.post(page, {"file": SimpleUploadedFile("x.jpg", b"x" * 2 * 1024 * 1024)})

    assert (small.status_code, large.status_code) == (422, 413)
    assert kept == []


def test_there_are_twelve_papers_at_most_and_forty_megabytes(link, visitor, monkeypatch):
    monkeypatch.setattr(papers, "MOST", 2)
    for _ in range(2):
        assert upload(visitor, link, picture()).status_code == 302
    assert "too many papers" in upload(visitor, link, picture()).content.decode()
    monkeypatch.setattr(papers, "MOST", 12)
    monkeypatch.setattr(papers, "MOST_TOGETHER", 3 * len(picture()) - 1)
    assert "too many papers" in upload(visitor, link, picture()).content.decode()


def test_a_polyglot_is_shown_as_points_and_nothing_else_of_it(link, visitor):
    script = b"<script>alert(1)</script>"
    upload(visitor, link, picture() + script + b"%PDF-1.7 " + script)
    paper = Paper.objects.get()
    assert paper.media == "jpeg"
    case = queries.of_secret(link.rpartition("/")[2])
    assert case is not None
    visitor.post(f"{link}/send")
    work()
    judge()
    claire = make_reviewer("Claire")
    reviewing.take(number=case.number, reviewer_id=claire.pk, now=timezone.now())
    drawn = showing.show(
        number=case.number, reviewer_id=claire.pk, name=paper.name, page=0, now=timezone.now()
    )

    assert drawn is not None
    assert script not in drawn
    assert drawn.startswith(b"\xff\xd8\xff")


def test_hidden_words_of_a_picture_do_not_reach_the_reviewer():
    secret = PngImagePlugin.PngInfo()
    secret.add_text("Comment", "GPS 48.85 2.35")
    drawn = renderer.show(picture("PNG", pnginfo=secret), "png", 0, "D-7K3M-92QF")

    assert b"GPS" not in drawn


def test_the_program_that_opens_papers_has_neither_settings_nor_secrets(monkeypatch):
    seen = {}

    def run(command, **options):
        seen.update(options, command=command)
        return subprocess.CompletedProcess(command, renderer.UNREADABLE, b"", b"")

    monkeypatch.setattr(drawing.subprocess, "run", run)
    with pytest.raises(drawing.NotDrawn):
        drawing.run(b"x", "check")

    assert seen["env"] == {}
    assert seen["command"][:2] == [sys.executable, "-I"]


def test_every_number_the_program_ends_with_has_its_sentence():
    names = (
        renderer.TYPE_WRONG,
        renderer.UNREADABLE,
        renderer.TOO_LARGE,
        renderer.TOO_MANY_PAGES,
    )
    assert {drawing.REASONS[number] for number in names} <= set(PAPER_REASONS)
    assert renderer.PAGES == MOST_PAGES
    assert renderer.SIGNATURES == papers.SIGNATURES


def test_a_file_that_takes_for_ever_is_given_up(monkeypatch):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(drawing.subprocess, "run", run)
    with pytest.raises(drawing.NotDrawn, match="too_costly"):
        drawing.run(b"x", "check")


def test_a_program_that_cannot_begin_refuses_nobody_s_paper(monkeypatch):
    def run(command, **options):
        return subprocess.CompletedProcess(command, 1, b"", b"ModuleNotFoundError")

    monkeypatch.setattr(drawing.subprocess, "run", run)
    with pytest.raises(RuntimeError, match="ModuleNotFound"):
        drawing.run(b"x", "check")


def test_a_paper_can_be_removed_before_the_case_is_sent_and_not_afterwards(link, visitor):
    upload(visitor, link, picture())
    name = Paper.objects.get().name
    stranger = Client(HTTP_HOST="localhost")
    assert stranger.post("/procedure/case/x/remove", {"name": name}).status_code == 410
    visitor.post(f"{link}/send")
    visitor.post(f"{link}/remove", {"name": name})
    assert Paper.objects.exists()


def test_a_paper_for_an_item_that_is_not_asked_is_refused(link, visitor):
    assert upload(visitor, link, picture(), "minutes").status_code == 422
    assert upload(visitor, link, picture(), "nonsense").status_code == 422
    assert not Paper.objects.exists()


def test_papers_may_follow_while_the_case_is_open_and_no_longer(link, visitor):
    visitor.post(f"{link}/send")
    work()
    assert upload(visitor, link, picture()).status_code == 302
    bad = upload(visitor, link, b"hello")
    assert bad.status_code == 422
    assert "this is none" in bad.content.decode()
    Case.objects.update(state="refused", ended_at=timezone.now(), decided_at=timezone.now())
    assert upload(visitor, link, picture()).status_code == 410


def test_the_delivery_of_the_mails_shows_on_the_page(link, visitor, customer):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        world = World(customer, clock, [make_reviewer("Claire"), make_reviewer("Karim")])
        visitor.post(f"{link}/send")
        work()
        world.number = Case.objects.get().number
        deliver()
        world.approve(0)
        world.approve(1)
        assert "has not happened yet" in visitor.get(link).content.decode()
        deliver()
        assert "If nobody objects" in visitor.get(link).content.decode()


def test_the_origin_of_the_notices_is_that_of_the_visitor(link, visitor, customer, post):
    visitor.post(f"{link}/send", headers={"user-agent": ORIGIN.agent})
    work()

    assert "127.0.0.1" in text_of(post.last_to(customer.email))
