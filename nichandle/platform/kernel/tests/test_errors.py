"""A refusal is a sentence in the reader's language, with a stable code."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from nichandle.platform.kernel.errors import Refused


class TooLong(Refused):
    code = "tests.too_long"
    message = "At most %(most)s, of which 100 % are letters."
    field = "name"


class Plain(Refused):
    code = "tests.plain"
    message = "Nothing but 100 %."


class Standard(Refused):
    code = "tests.standard"
    message = _("This cannot be done.")


def test_a_refusal_without_values_is_said_as_it_stands():
    assert str(Plain()) == "Nothing but 100 %."


def test_a_refusal_is_translated_when_it_is_said_not_when_it_is_raised():
    with override("en"):
        refusal = Standard()
    with override("fr"):
        assert str(refusal) != "This cannot be done."
        assert str(refusal)


def test_a_refusal_is_counted_only_where_it_says_so():
    assert TooLong.counted is False
    assert TooLong.field == "name"
