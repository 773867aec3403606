"""Papers: what is taken, what is refused and when, and what opens them."""

import io
import subprocess
import sys

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image, PngImagePlugin

from nichandle.identity.cases import queries
from nichandle.identity.cases.kinds import MOST_PAGES, PAPER_REASONS
from nichandle.identity.cases.models import Case, Paper, PaperBody
from nichandle.identity.cases.papers import drawing, renderer
from nichandle.identity.cases.papers import uploads as papers
from nichandle.identity.cases.review import reviewing, showing
from nichandle.identity.recovery.tests.procedures import picture, upload
from nichandle.platform.kernel import uploads
from nichandle.platform.kernel.act import Act
from tests.support.cases import judge, make_reviewer
from tests.support.worker import work

pytestmark = pytest.mark.django_db


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
        number=case.number,
        reviewer_id=claire.pk,
        name=paper.name,
        page=0,
        act=Act.by_itself(timezone.now()),
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
