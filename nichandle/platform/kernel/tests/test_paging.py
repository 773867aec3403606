"""Long lists come in pages that cost the same however far one reads."""

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

from nichandle.platform.kernel.paging import page


class Line(models.Model):
    words = models.CharField(max_length=10)

    class Meta:
        app_label = "kernel"
        managed = False


@pytest.fixture
def lines(transactional_db):
    with connection.schema_editor() as editor:
        editor.create_model(Line)
    Line.objects.bulk_create(Line(id=number, words=f"w{number}") for number in range(1, 12))
    yield Line.objects.all()
    with connection.schema_editor() as editor:
        editor.delete_model(Line)


def read_all(rows, by):
    found, after = [], None
    while True:
        part = page(rows, by=by, after=after, size=4)
        found.append([line.id for line in part.rows])
        if part.next is None:
            return found
        after = part.next


def test_every_row_comes_once_and_in_order(lines):
    assert read_all(lines, "id") == [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11]]
    assert read_all(lines, "-id") == [[11, 10, 9, 8], [7, 6, 5, 4], [3, 2, 1]]


def test_a_full_last_page_is_the_last(lines):
    part = page(lines.filter(id__lte=4), by="id", after=None, size=4)

    assert len(part.rows) == 4
    assert part.next is None


def test_no_rows_are_one_empty_page(lines):
    part = page(lines.none(), by="id", after=None, size=4)

    assert (part.rows, part.next) == ([], None)


@pytest.mark.parametrize("key", ["", "nonsense", "1; DROP TABLE", "é"])
def test_a_key_that_is_none_begins_again(lines, key):
    assert [line.id for line in page(lines, by="id", after=key, size=2).rows] == [1, 2]


def test_a_page_is_one_statement_without_offset(lines):
    with CaptureQueriesContext(
        connection,
    ) as made:
        page(lines, by="id", after="4", size=4)

    assert len(made) == 1
    assert "OFFSET" not in made[0]["sql"]


@pytest.mark.parametrize("key", ["99999999999999999999999", "-1"])
def test_a_key_beyond_the_list_does_no_harm(lines, key):
    assert len(page(lines, by="id", after=key, size=2).rows) in {0, 2}
