"""A good file becomes the next edition; a faulty one never replaces what is sold."""

import os
from datetime import timedelta

import pytest
from django.test.utils import override_settings

from nichandle.commerce.catalogue import following, queries
from nichandle.commerce.catalogue.jobs import follow_file
from nichandle.commerce.catalogue.models import Edition
from nichandle.commerce.catalogue.operations import adopt
from nichandle.commerce.catalogue.reading.faults import CatalogueWrong
from nichandle.commerce.catalogue.tests.catalogues import SMALL, demo_text, small
from tests.support.races import at_once

pytestmark = pytest.mark.django_db

DEARER = small(("2.99", "3.99"))
FAULTY = small(("2.99", "2.999999999"))


@pytest.fixture
def file(tmp_path, settings):
    path = tmp_path / "catalogue.yaml"
    settings.NICHANDLE_CATALOGUE_FILE = str(path)
    return path


def write(path, text):
    path.write_text(text, "utf-8")
    # Two writings within one tick of the clock are still two.
    stamp = path.stat().st_mtime_ns + int(timedelta(seconds=1).total_seconds() * 1e9)
    os.utime(path, ns=(stamp, stamp))


def month():
    return str(queries.current().product("web-start").prices[0].amount.amount)


def test_before_any_catalogue_nothing_is_sold():
    assert queries.current().products == ()
    assert queries.current().edition == 0


def test_a_good_file_is_sold_and_the_next_one_after_it(now):
    assert adopt(SMALL, now=now).number == 1
    assert month() == "2.99"

    assert adopt(DEARER, now=now).number == 2
    assert month() == "3.99"
    assert Edition.objects.count() == 2


def test_a_file_that_says_the_same_in_other_words_is_the_same_edition(now):
    adopt(SMALL, now=now)

    assert (
        adopt("# a remark\n" + small(("name: Web Start", 'name: "Web Start"')), now=now).number == 1
    )


def test_going_back_to_what_was_sold_before_is_an_edition_of_its_own(now):
    numbers = [adopt(text, now=now).number for text in (SMALL, DEARER, SMALL)]

    assert numbers == [1, 2, 3]
    assert month() == "2.99"


def test_a_faulty_file_changes_nothing(now):
    adopt(SMALL, now=now)

    with pytest.raises(CatalogueWrong):
        adopt(FAULTY, now=now)
    assert month() == "2.99"
    assert Edition.objects.count() == 1


def test_terms_that_change_need_a_new_version(now):
    adopt(SMALL, now=now)
    rewritten = small(("Vous payez.", "Vous payez d’avance."))

    with pytest.raises(CatalogueWrong) as wrong:
        adopt(rewritten, now=now, name="catalogue.yaml")
    assert wrong.value.lines == [
        (
            "catalogue.yaml, line 7: terms, general: the text is another one, and the version "
            "still '1'. Give it a new version."
        )
    ]
    assert adopt(rewritten.replace('version: "1"', 'version: "2"'), now=now).number == 2


def test_another_language_asked_for_needs_its_texts_before_anything_changes(now, settings):
    adopt(SMALL, now=now)
    settings.LANGUAGES = [*settings.LANGUAGES, ("de", "Deutsch")]

    with pytest.raises(CatalogueWrong, match="'de' is missing"):
        adopt(SMALL, now=now)
    assert queries.current().languages == ("fr", "en")


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_take_the_same_file_over_at_once_make_one_edition(now):
    editions = at_once(*[lambda: adopt(SMALL, now=now).number] * 4)

    assert editions == [1, 1, 1, 1]
    assert Edition.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_files_taken_over_at_once_are_two_editions_and_no_number_is_left_out(now):
    made = at_once(*[lambda text=text: adopt(text, now=now).number for text in (SMALL, DEARER)])

    assert sorted(made) == [1, 2]
    assert queries.current().edition == 2


def test_a_page_asks_one_statement_for_the_catalogue(now, django_assert_num_queries):
    adopt(demo_text(), now=now)
    with django_assert_num_queries(2):
        first = queries.current()
    with django_assert_num_queries(1):
        assert queries.current() is first


def test_a_changed_file_is_taken_over_within_the_next_minute(file, now):
    write(file, SMALL)
    follow_file(now=now)
    assert month() == "2.99"

    write(file, DEARER)
    follow_file(now=now + timedelta(minutes=1))
    assert month() == "3.99"


def test_a_file_that_did_not_change_is_not_read_again(file, now, django_assert_num_queries):
    write(file, SMALL)
    follow_file(now=now)

    with django_assert_num_queries(1):
        follow_file(now=now)


def test_what_another_machine_took_over_meanwhile_is_not_taken_back(file, now):
    write(file, SMALL)
    follow_file(now=now)
    adopt(DEARER, now=now)
    follow_file(now=now)

    assert month() == "3.99"


def test_the_operator_is_told_of_each_faulty_file_once(file, now, caplog):
    write(file, SMALL)
    follow_file(now=now)
    write(file, FAULTY)
    for _minute in range(3):
        follow_file(now=now)

    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert f"{file}, line 18: products, web-start" in record.getMessage()
    assert month() == "2.99"
    write(file, DEARER)
    follow_file(now=now)
    assert month() == "3.99"


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.mkdir(), os.mkfifo])
def test_a_file_that_cannot_be_read_is_told_and_what_is_sold_stays(file, now, make):
    adopt(SMALL, now=now)
    make(file)

    wrong = following.follow(now=now)
    assert wrong is not None
    assert "NICHANDLE_CATALOGUE_FILE" in str(wrong)
    assert month() == "2.99"


def test_the_demonstration_sells_by_itself_and_production_only_what_it_is_told(now, settings):
    with override_settings(DEMO=False):
        assert following.follow(now=now) is None
        assert queries.current().edition == 0
    assert following.follow(now=now) is None
    assert queries.current().product("fibre").vat_class == "telecom"


def test_check_explains_a_faulty_file_and_changes_nothing(file, now):
    write(file, FAULTY)
    wrong = following.trouble()

    assert wrong is not None
    assert wrong.lines == [
        (
            f"{file}, line 18: products, web-start, prices 1, periods, 1: 2.999999999 has too many "
            "decimals. Write at most 6."
        )
    ]
    assert not Edition.objects.exists()
    write(file, SMALL)
    assert following.trouble() is None
