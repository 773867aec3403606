"""Sentences with their figures."""

from datetime import timedelta

import pytest
from django.template import Context, Template
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from nichandle.identity.emailchange.clock import UNDO_FOR
from nichandle.platform.kernel.errors import link_over
from nichandle.platform.kernel.wording.figures import (
    Duration,
    Megabytes,
    Number,
    figure,
    length_of,
    with_figures,
)


@pytest.fixture(autouse=True)
def read_in_english():
    with translation.override("en"):
        yield


def test_a_sentence_is_said_in_the_language_of_its_reader():
    said = with_figures(_("Within %(time)s"), time=Duration(timedelta(days=30)))

    assert str(said) == "Within 30 days"
    with translation.override("fr"):
        assert str(said) == "Sous 30 jours"


def test_a_sentence_begins_with_a_capital_whatever_it_begins_with():
    assert str(with_figures("%(n)s hours have passed.", n=Number(5))) == "Five hours have passed."


def test_a_sentence_in_two_numbers_chooses_by_its_figure():
    message = ngettext_lazy(
        "An hour in which the addresses of the account may object",
        "%(hours)s hours in which the addresses of the account may object",
        "hours",
    )

    assert str(with_figures(message, hours=1)).startswith("An hour in")
    assert str(with_figures(message, hours=2)).startswith("2 hours in")


@pytest.mark.parametrize(
    ("lifetime", "english", "french"),
    [
        ({"days": 7}, "7 days, and they are", "7 jours, et ils sont passés"),
        ({"days": 30}, "30 days, and they are", "30 jours, et ils sont passés"),
        ({"hours": 1}, "an hour, and that is", "une heure, et elle est passée"),
        ({"hours": 24}, "24 hours, and they are", "24 heures, et elles sont passées"),
        ({"minutes": 30}, "30 minutes, and they are", "30 minutes, et elles sont passées"),
    ],
)
def test_a_link_that_is_over_agrees_with_its_unit(lifetime, english, french):
    said = link_over(timedelta(**lifetime))

    assert str(said) == f"This link was good for {english} over."
    with translation.override("fr"):
        assert str(said) == f"Ce lien valait {french}."


def test_a_figure_has_a_name_in_its_room():
    assert figure("emailchange.undo") is UNDO_FOR
    assert length_of("emailchange.undo") is UNDO_FOR
    assert str(Duration("emailchange.undo")) == "7 days"
    assert str(Megabytes("cases.largest_paper")) == "10"


def test_what_is_no_length_of_time_is_not_written_as_one():
    with pytest.raises(AssertionError, match="no length of time"):
        length_of("factors.recovery_codes")


@pytest.mark.parametrize(
    ("source", "written"),
    [
        ('{{ "emailchange.undo"|duration }}', "7 days"),
        ("{{ length|duration }}", "24 hours"),
        ('{{ length|duration_in_words:"within" }}', "a day"),
        ("{{ length|hours }}", "24"),
        ('{{ "factors.recovery_codes"|figure }}', "10"),
        ("{{ 3|number_in_words }}", "three"),
    ],
)
def test_templates_ask_for_figures_by_name_or_are_given_them(source, written):
    assert Template(source).render(Context({"length": timedelta(days=1)})) == written
