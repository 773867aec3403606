"""Papers: what a stranger sends costs the one who takes it nothing, and is looked at apart."""

import io
import os
import time
import zlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from nichandle.identity.cases import filing
from nichandle.identity.cases.errors import NoRoomForPapers, PaperNotThere, TooManyPapers
from nichandle.identity.cases.keeping import sealing
from nichandle.identity.cases.models import Case, Paper, PaperBody
from nichandle.identity.cases.papers import drawing, judging, room, uploads
from nichandle.identity.cases.review import reviewing
from nichandle.identity.recovery.procedure import operations as procedure
from nichandle.platform.kernel.act import Act
from nichandle.platform.limits.errors import Exhausted
from nichandle.platform.limits.models import Allowance
from nichandle.platform.outbox.models import Mail
from tests.support.cases import ORIGIN, judge
from tests.support.worker import work

pytestmark = pytest.mark.django_db


def picture(size: tuple[int, int] = (60, 40), form: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, form, **options)
    return out.getvalue()


def pdf(content: bytes, pages: int = 1) -> bytes:
    """Write a PDF whose pages all draw the same."""
    squeezed = zlib.compress(content, 9)
    kids = " ".join(f"{number + 4} 0 R" for number in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(squeezed), squeezed),
        *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 3 0 R>>"] * pages,
    ]
    out = b"%PDF-1.4\n"
    for number, body in enumerate(objects, 1):
        out += b"%d 0 obj%s\nendobj\n" % (number, body)
    return out + b"trailer<</Root 1 0 R>>\n"


def costly_pdf() -> bytes:
    """300,000 rectangles, each blended with all below it, in some fourteen kilobytes."""
    state = b"0.5 0.5 0.5 rg\n"
    return pdf(state + b"0 0 600 800 re f\n" * 300_000)


def big_png() -> bytes:
    """Forty megapixels in few bytes."""
    return picture((8000, 5000), "PNG", optimize=True)


@pytest.fixture
def filed(world):
    world.file()
    return world


def add(world, data=None, item="identity", **more):
    data = picture() if data is None else data
    uploads.add(
        secret=more.get("secret", world.secret),
        item=item,
        data=data,
        size=len(data),
        act=Act(more.get("origin", ORIGIN), world.now),
    )


def send(world):
    procedure.send(secret=world.secret, act=Act(ORIGIN, world.now))


def states():
    return list(Paper.objects.order_by("pk").values_list("state", flat=True))


def another_case(world, address="other@example.net"):
    first = world.secret
    world.file(address=address)
    second, world.secret = world.secret, first
    return second


# The attack.


@pytest.mark.parametrize("make", [costly_pdf, big_png])
def test_four_costly_files_at_once_cost_the_web_threads_next_to_nothing(filed, visitor, make):
    data = make()
    assert len(data) < 200_000
    place = f"/procedure/case/{filed.secret}/paper"
    visitor.get(f"/procedure/case/{filed.secret}")
    worked = []

    def upload() -> None:
        file = SimpleUploadedFile("scan", data)
        began = time.thread_time()
        answer = visitor.post(place, {"item": "identity", "paper": file})
        worked.append(time.thread_time() - began)
        assert answer.status_code == 302

    upload()
    worked.clear()
    for _ in range(4):
        upload()

    # Processor time of the thread, with Django's test client around it: no drawing, no waiting.
    assert sorted(worked)[1] < 0.05, worked
    assert states() == ["checking"] * 5


@pytest.mark.parametrize(
    ("make", "reason"), [(costly_pdf, "too_costly"), (big_png, "too_large")], ids=["pdf", "png"]
)
def test_the_worker_gives_a_costly_file_up_soon(filed, make, reason):
    add(filed, make())
    before = os.times()
    assert judge() == 1
    after = os.times()

    paper = Paper.objects.get()
    assert (paper.state, paper.reason, paper.pages) == ("refused", reason, 0)
    spent = after.children_user + after.children_system
    spent -= before.children_user + before.children_system
    assert spent < 7, "five seconds of a processor, and Python's own start"
    assert not PaperBody.objects.exists(), "nobody needs what nobody can see"


def test_a_costly_page_behind_a_cheap_one_is_found_too(filed):
    cheap = pdf(b"0 0 1 rg 10 10 50 50 re f\n", pages=3)
    add(filed, cheap)
    add(filed, pdf(b"0.5 g\n" + b"0 0 600 800 re f\n" * 30_000, pages=30), "address_proof")
    judge()

    assert [(paper.state, paper.pages) for paper in Paper.objects.order_by("pk")] == [
        ("good", 3),
        ("refused", 0),
    ]


def test_what_a_telephone_and_a_scanner_make_is_within_the_limits(filed):
    add(filed, picture((8160, 6120), progressive=True))
    add(filed, picture((4960, 7016), "PNG"), "address_proof")
    judge()

    assert states() == ["good", "good"]


# One after the other.


def test_one_paper_of_a_case_at_a_time_and_cases_take_turns(filed, monkeypatch):
    second = another_case(filed)
    for number in range(3):
        add(filed, picture((60 + number, 40)))
    add(filed, item="identity", secret=second)
    looked, meanwhile = [], []

    def look(data, *_arguments, **_more):
        case = Case.objects.filter(judging_until__gt=timezone.now()).get()
        looked.append(case.pk)
        waiting = judging._waiting(timezone.now())
        meanwhile.append(set(waiting.values_list("case_id", flat=True)) & {case.pk})
        return b'{"pages": 1}'

    monkeypatch.setattr(drawing, "run", look)
    assert judge() == 4
    assert not any(meanwhile), "another worker finds nothing of this case"
    own, other = Case.objects.order_by("pk").values_list("pk", flat=True)
    assert looked == [own, other, own, own]


def test_a_worker_that_is_killed_leaves_nothing_half(filed, monkeypatch):
    add(filed)

    def killed(*_arguments, **_more):
        raise SystemExit

    monkeypatch.setattr(drawing, "run", killed)
    with pytest.raises(SystemExit):
        judge()
    monkeypatch.undo()
    assert states() == ["checking"]
    assert judge() == 0, "until the claim runs out"

    filed.clock.shift(judging.CLAIM)
    assert judge() == 1
    assert states() == ["good"]
    assert judge() == 0


def test_a_verdict_that_comes_late_changes_nothing(filed, monkeypatch):
    add(filed)
    real = drawing.run

    def taken_back(data, *arguments):
        uploads.remove(secret=filed.secret, name=Paper.objects.get().name)
        return real(data, *arguments)

    monkeypatch.setattr(drawing, "run", taken_back)
    judge()
    assert not Paper.objects.exists()


def test_a_paper_of_a_case_withdrawn_meanwhile_is_not_kept(filed, monkeypatch):
    add(filed)
    real = drawing.run

    def withdrawn(data, *arguments):
        filing.withdraw(secret=filed.secret, act=Act(ORIGIN, filed.now))
        return real(data, *arguments)

    monkeypatch.setattr(drawing, "run", withdrawn)
    judge()
    assert states() == ["checking"]
    assert not PaperBody.objects.exists()
    assert judge() == 0


# What is counted.


def test_refused_papers_are_counted_for_the_case_and_not_for_another(filed, monkeypatch):
    second = another_case(filed)

    def refused(*_arguments, **_more):
        raise drawing.NotDrawn("unreadable")

    monkeypatch.setattr(drawing, "run", refused)
    for _ in range(10):
        add(filed)
        judge()
    with pytest.raises(Exhausted):
        add(filed)
    add(filed, secret=second)
    filed.clock.shift(timedelta(days=1))
    add(filed)


def test_thirty_papers_a_day_for_one_case_whoever_sends_them(filed):
    for number in range(30):
        add(filed, origin=type(ORIGIN)(f"198.51.{number}.7", ORIGIN.agent))
        Paper.objects.all().delete()
    with pytest.raises(Exhausted):
        add(filed, origin=type(ORIGIN)("203.0.113.99", ORIGIN.agent))
    filed.clock.shift(timedelta(days=1))
    add(filed)


def test_the_allowance_is_spent_before_anything_is_stored(filed):
    for name in ("case.paper", "case.papers_of_case"):
        assert not Allowance.objects.filter(name=name).exists()
    with pytest.raises(uploads.PaperTypeWrong):
        add(filed, b"nothing of this kind")

    assert Allowance.objects.filter(name="case.paper").count() == 1
    assert Allowance.objects.filter(name="case.papers_of_case").count() == 1
    assert not Paper.objects.exists()


def test_what_was_refused_takes_no_room_and_goes_when_a_better_one_comes(filed, monkeypatch):
    monkeypatch.setattr(uploads, "MOST", 2)
    add(filed, b"%PDF-1.7 broken")
    judge()
    assert states() == ["refused"]
    add(filed, item="address_proof")
    add(filed)
    assert states() == ["checking", "checking"]
    with pytest.raises(TooManyPapers):
        add(filed)


# What people read.


def test_without_a_script_the_page_says_how_far_it_is(filed, visitor):
    place = f"/procedure/case/{filed.secret}"
    visitor.get(place)
    add(filed)
    add(filed, b"%PDF-1.7 broken", "address_proof")
    page = visitor.get(place).content.decode()
    assert page.count("Being checked") == 2
    assert f'<a href="{place}">Look again</a>' in page
    judge()

    page = visitor.get(place).content.decode()
    assert page.count("Added") == 1
    assert "cannot be opened" in page
    assert "Look again" not in page


def test_the_case_is_sent_meanwhile_and_a_refusal_is_told_by_mail(filed, visitor):
    add(filed, b"%PDF-1.7 broken")
    add(filed, item="address_proof")
    send(filed)
    judge()

    mail = Mail.objects.get(template="cases/mail/paper_refused")
    assert mail.recipient == Case.objects.get().new_address
    assert "cannot be opened" in mail.context["why"]
    page = visitor.get(f"/procedure/case/{filed.secret}").content.decode()
    assert "A paper that you sent cannot be read" in page


def test_before_it_is_sent_the_page_alone_tells(filed):
    add(filed, b"%PDF-1.7 broken")
    judge()

    assert not Mail.objects.filter(template="cases/mail/paper_refused").exists()


# What can be found good.


def test_a_paper_that_was_not_drawn_cannot_be_found_good(world):
    world.file()
    add(world)
    add(world, b"%PDF-1.7 broken", "address_proof")
    send(world)
    work()
    values = {
        "number": Case.objects.get().number,
        "reviewer_id": world.reviewers[0].pk,
        "now": world.now,
    }
    reviewing.take(**values)
    with pytest.raises(PaperNotThere):
        reviewing.approve(**values, ticks=["identity"], method="", words="Seen.")
    judge()
    with pytest.raises(PaperNotThere):
        reviewing.approve(**values, ticks=["identity", "address_proof"], method="", words="")
    reviewing.approve(**values, ticks=["identity"], method="", words="Lives where he says.")


def test_papers_that_nobody_sent_cannot_be_found_good(world):
    world.open()
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)
    for ticks in (["identity"], ["identity", "address_proof"], ["nonsense"]):
        with pytest.raises(PaperNotThere):
            reviewing.approve(**values, ticks=ticks, method="", words="Surely.")
    assert world.case.state == "open"


def test_a_paper_of_another_case_makes_none_of_this_one_good(world):
    world.file(address="other@example.net")
    add(world)
    judge()
    world.open()
    values = {"number": world.number, "reviewer_id": world.reviewers[0].pk, "now": world.now}
    reviewing.take(**values)

    with pytest.raises(PaperNotThere):
        reviewing.approve(**values, ticks=["identity"], method="", words="")


def test_no_row_says_good_of_a_paper_without_pages(filed):
    add(filed)
    with pytest.raises(IntegrityError), transaction.atomic():
        Paper.objects.update(state="good", pages=0)


# What fills the disk ------------------------------------------------------------------------------


NOISE = os.urandom(2_000_000)


def pdf_with_noise() -> bytes:
    """A page, and an object beside it that nothing uses."""
    written = pdf(b"0 0 10 10 re f")
    hidden = b"9 0 obj<</Length %d>>stream\n%s\nendstream\nendobj\n" % (len(NOISE), NOISE)
    return written.replace(b"trailer", hidden + b"trailer")


@pytest.mark.parametrize(
    ("data", "media"),
    [
        pytest.param(picture() + NOISE, "jpeg", id="jpeg"),
        pytest.param(picture(form="PNG") + NOISE, "jpeg", id="png"),
        pytest.param(pdf_with_noise(), "pdf", id="pdf"),
        pytest.param(pdf(b"0 0 10 10 re f") + b"%" + NOISE, "pdf", id="pdf comment"),
    ],
)
def test_of_a_paper_only_what_can_be_seen_is_kept(data, media, filed):
    add(filed, data)
    judge()

    paper = Paper.objects.get()
    kept = sealing.unseal(paper.case, paper.name, bytes(paper.body.sealed))
    assert (paper.state, paper.pages, paper.media) == ("good", 1, media)
    assert len(kept) == paper.size < 20_000
    assert drawing.run(kept, "show", "0", "words").startswith(b"\xff\xd8\xff")


def test_a_paper_that_is_small_as_it_is_stays_as_it_is(filed):
    data = picture(form="PNG")
    add(filed, data)
    judge()

    paper = Paper.objects.get()
    assert sealing.unseal(paper.case, paper.name, bytes(paper.body.sealed)) == data


def test_below_a_mark_of_free_space_no_paper_is_taken(filed, monkeypatch, visitor):
    add(filed, item="address_proof")
    monkeypatch.setattr(room, "_free", lambda: room.LEFT_FREE + 100.0)
    sent = SimpleUploadedFile("paper.jpg", picture())

    answer = visitor.post(
        f"/procedure/case/{filed.secret}/paper", {"item": "identity", "paper": sent}
    )

    assert "Come back in a few hours" in answer.content.decode()
    assert Paper.objects.count() == 1


def test_all_cases_together_hold_so_much_and_no_more(filed, monkeypatch):
    add(filed)
    monkeypatch.setattr(room, "MOST_HELD", 2 * len(picture()) - 1)
    with pytest.raises(NoRoomForPapers):
        add(filed, item="address_proof")

    PaperBody.objects.all().delete()
    add(filed, item="address_proof")
