"""All documents of a year as ZIP files: asked for once, made by the worker, kept for a week."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.utils import timezone

from nichandle.commerce.invoices import jobs
from nichandle.commerce.invoices.archives import asking, making
from nichandle.commerce.invoices.models import Archive, ArchiveFile, Invoice, InvoiceContent
from nichandle.commerce.invoices.tests.helpers import draft_for, issue_all
from nichandle.platform.jobs.registry import never

pytestmark = pytest.mark.django_db


@pytest.fixture
def year(customer, quick_files):
    """Return the year of three invoices that a customer who is signed in has."""
    for cents in (1000, 2000, 3000):
        draft_for(customer, cents)
        issue_all()
    customer.sign_in()
    return Invoice.objects.first().year


def ask(person, year):
    return person.browser.post(f"/invoices-by-year/{year}", HTTP_ACCEPT_LANGUAGE="en", follow=True)


def make(now=None):
    return making.make_asked(lambda: now or timezone.now(), never)


def make_long_ago():
    """Make what is asked for, so long ago that its time is over."""
    make()
    Archive.objects.update(ready_at=timezone.now() - asking.KEPT)


def page(person):
    answer = person.browser.get("/invoices-by-year", HTTP_ACCEPT_LANGUAGE="en")
    assert answer.status_code == 200
    return answer.content.decode()


def zipped(person, year, place=1):
    answer = person.browser.get(f"/invoices-by-year/{year}/{place}")
    assert answer.status_code == 200
    return ZipFile(BytesIO(answer.content))


def test_a_year_becomes_one_file_with_every_document_as_it_was_issued(customer, year):
    assert "Put them together" in page(customer)
    ask(customer, year)
    assert "0 of 3 documents" in page(customer)
    assert make() == 1

    assert "3 documents" in page(customer)
    found = zipped(customer, year)
    assert found.testzip() is None
    issued = {
        f"{content.invoice.number}.{content.kind}": bytes(content.content)
        for content in InvoiceContent.objects.select_related("invoice")
    }
    assert {name: found.read(name) for name in found.namelist()} == issued
    assert len(issued) == 6
    day = Invoice.objects.first().issued_on
    assert found.infolist()[0].date_time[:3] == (day.year, day.month, day.day)


def test_the_file_says_whose_it_is_and_of_which_year(customer, year):
    ask(customer, year)
    make()
    answer = customer.browser.get(f"/invoices-by-year/{year}/1")

    name = f"{customer.handle}-{year}-1.zip"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert name in page(customer)


def test_many_documents_become_several_whole_files(customer, year, monkeypatch):
    monkeypatch.setattr(making, "LARGEST", 1)
    monkeypatch.setattr(making, "AT_ONCE", 2)
    ask(customer, year)
    make()

    numbers = [zipped(customer, year, place).namelist()[0][:-4] for place in (1, 2, 3)]
    assert numbers == list(Invoice.objects.order_by("pk").values_list("number", flat=True))
    assert customer.browser.get(f"/invoices-by-year/{year}/4").status_code == 404
    archive = Archive.objects.get()
    assert (archive.made, archive.total) == (3, 3)


def test_asked_twice_it_is_made_once(customer, year):
    ask(customer, year)
    ask(customer, year)
    assert make() == 1
    made = Archive.objects.get()
    ask(customer, year)

    assert make() == 0
    assert Archive.objects.get().pk == made.pk


def test_what_is_issued_later_is_offered_and_put_in(customer, year):
    ask(customer, year)
    make()
    assert "More has been issued since." not in page(customer)
    draft_for(customer, 4000)
    issue_all()

    assert "More has been issued since." in page(customer)
    ask(customer, year)
    make()
    assert len(zipped(customer, year).namelist()) == 8


def test_nobody_gets_the_files_of_somebody_else(customer, stranger, year):
    ask(customer, year)
    make()
    stranger.sign_in()

    assert stranger.browser.get(f"/invoices-by-year/{year}/1").status_code == 404
    assert ask(stranger, year).status_code == 404
    assert "No invoice yet" in page(stranger)


def test_who_bills_a_service_of_others_gets_only_his_own(customer, contact, make_service, year):
    service = make_service(billing=contact)
    draft_for(customer, 5000, service_ids=[service.pk])
    draft_for(contact, 100)
    issue_all()
    contact.sign_in()
    ask(contact, year)
    make()

    own = Invoice.objects.get(account=contact.account)
    assert set(zipped(contact, year).namelist()) == {f"{own.number}.pdf", f"{own.number}.xml"}


def test_files_go_after_a_week_and_can_be_made_again(customer, year):
    ask(customer, year)
    make_long_ago()

    assert customer.browser.get(f"/invoices-by-year/{year}/1").status_code == 404
    assert "Put them together" in page(customer)
    jobs.clear_archives(now=timezone.now())
    assert not ArchiveFile.objects.exists()
    ask(customer, year)
    assert make() == 1


def test_one_that_is_being_made_is_not_cleared(customer, year):
    ask(customer, year)
    jobs.clear_archives(now=timezone.now() + asking.KEPT * 2)

    assert Archive.objects.filter(state="asked").exists()


def test_a_worker_that_is_told_to_stop_leaves_it_to_the_next_at_once(customer, year):
    ask(customer, year)
    asked = iter([False, True])
    assert making.make_asked(timezone.now, lambda: next(asked, True)) == 0
    assert Archive.objects.get().state == "asked"

    assert make() == 1
    assert len(zipped(customer, year).namelist()) == 6


def test_what_a_dead_worker_left_is_made_anew_and_whole(customer, year, monkeypatch):
    monkeypatch.setattr(making, "LARGEST", 1)
    ask(customer, year)
    now = timezone.now()
    files = making._files(making._taken(now), lambda: now, never)
    archive = Archive.objects.get()
    documents, content = next(files)
    ArchiveFile.objects.create(
        archive=archive, place=1, content=content, size=len(content), documents=documents
    )

    assert make(now + making.HELD / 2) == 0
    assert make(now + making.HELD * 2) == 1
    assert ArchiveFile.objects.count() == 3


def test_a_slow_worker_whose_archive_another_took_writes_nothing_into_it(customer, year):
    ask(customer, year)
    now = timezone.now()
    slow = making._taken(now)
    make(now + making.HELD * 2)
    made = list(ArchiveFile.objects.values_list("pk", flat=True))

    with pytest.raises(making.LostError):
        making._make(slow, lambda: now, never)
    assert list(ArchiveFile.objects.values_list("pk", flat=True)) == made


def test_a_slow_worker_gives_way_while_the_other_is_still_at_it(customer, year):
    ask(customer, year)
    now = timezone.now()
    later = now + making.HELD * 2
    slow, other = making._taken(now), making._taken(later)

    with pytest.raises(making.LostError):
        making._make(slow, lambda: now, never)
    making._make(other, lambda: later, never)
    assert len(zipped(customer, year).namelist()) == 6
    assert ArchiveFile.objects.count() == 1


def test_after_some_of_them_one_has_to_wait(customer, year):
    for _time in range(6):
        answer = ask(customer, year)
        make_long_ago()

    assert "Too many" in answer.content.decode()
    assert not Archive.objects.filter(state="asked").exists()


@pytest.mark.parametrize("given", [0, 1999, 99999999999999999999])
def test_a_year_without_documents_is_not_found(customer, year, given):
    assert ask(customer, given).status_code == 404
    assert customer.browser.get(f"/invoices-by-year/{given}/1").status_code == 404
