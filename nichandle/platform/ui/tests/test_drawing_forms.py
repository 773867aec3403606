"""Widgets are drawn without templates, and exactly as Django's templates draw them."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import ChoiceWidget
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from nichandle.platform.ui.forms import Renderer

THEIRS = DjangoTemplates()
HOSTILE = (
    "plain",
    "",
    '"><script>alert(1)</script>',
    "' onfocus=alert(1) autofocus x='",
    "</option></select></textarea><b>",
    "&lt;&amp;",
    "{{ settings.SECRET_KEY }}{% debug %}",
    "\nfirst line\r\nsecond\u2028third",
    "é\u202eß\x00\ufeff",
)
VALUES = (None, *HOSTILE, 0, 1234567.5, True, False, mark_safe("<i>ours</i>"), date(2026, 11, 30))
ATTRS: tuple[dict[str, Any], ...] = (
    {},
    {"id": "id_x", "class": "a b"},
    {"disabled": True, "required": False, "readonly": True},
    {"data-x": '"><b>', 'b"ad': "x", "maxlength": 60, "step": 1.5, "none": None},
    {"id": '"><i>', "class": mark_safe("&amp;"), "title": gettext_lazy("Country")},
)
CHOICES: tuple[list[Any], ...] = (
    [],
    [(text, text) for text in HOSTILE],
    [("", gettext_lazy("Country")), (1, 1234567), (2.5, 2.5), (None, "none"), (True, "yes")],
    [("Europe", [("FR", "France"), ("DE", '"<Deutschland>"')]), ("<b>", [("x", "y")]), ("z", "Z")],
    [("a", mark_safe("<em>a</em>")), (mark_safe("&amp;"), "b")],
)
INPUTS: tuple[Callable[[dict[str, Any]], forms.Widget], ...] = (
    forms.TextInput,
    forms.NumberInput,
    forms.EmailInput,
    forms.URLInput,
    forms.ColorInput,
    forms.SearchInput,
    forms.TelInput,
    forms.PasswordInput,
    lambda attrs: forms.PasswordInput(attrs, render_value=True),
    forms.HiddenInput,
    forms.FileInput,
    forms.DateInput,
    forms.DateTimeInput,
    forms.TimeInput,
    forms.Textarea,
    forms.CheckboxInput,
    lambda attrs: forms.TextInput({**attrs, "type": "search"}),
    # Not drawn here: by Django's own templates.
    forms.MultipleHiddenInput,
    forms.ClearableFileInput,
)
CHOOSERS: tuple[type[ChoiceWidget], ...] = (
    forms.Select,
    forms.SelectMultiple,
    forms.RadioSelect,
    forms.CheckboxSelectMultiple,
)


class TwinsForm(forms.Form):
    """A form of everything, drawn by either renderer."""

    name = forms.CharField(help_text='<b>"help"</b>')
    country = forms.ChoiceField(choices=CHOICES[3])
    several = forms.MultipleChoiceField(choices=CHOICES[3], widget=forms.CheckboxSelectMultiple)
    gone = forms.ChoiceField(choices=CHOICES[1], disabled=True, initial=HOSTILE[2])
    at = forms.SplitDateTimeField()


def drawn_alike(widget: forms.Widget, value: Any, attrs: dict[str, Any]) -> str:
    ours = widget.render('na"me', value, attrs, Renderer())
    assert ours == widget.render('na"me', value, attrs, THEIRS)
    return ours


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("make", INPUTS)
def test_an_input_is_what_djangos_template_makes_of_it(
    make: Callable[[dict[str, Any]], forms.Widget], language: str
) -> None:
    with override(language):
        for attrs in ATTRS:
            for value in VALUES:
                if make is forms.MultipleHiddenInput:
                    value = [value, "b"]  # noqa: PLW2901 - it takes lists
                drawn_alike(make(attrs), value, {"aria-invalid": "true"})


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("chooser", CHOOSERS)
def test_a_choice_is_what_djangos_templates_make_of_it(
    chooser: type[ChoiceWidget], language: str
) -> None:
    with override(language):
        for choices in CHOICES:
            for value in (*VALUES, "FR", ["FR", "x"], ["", "z"]):
                drawn_alike(chooser(ATTRS[1], choices), value, {"id": "id_given"})
            for attrs in ATTRS:
                drawn_alike(chooser(attrs, choices), "FR", {"id": "id_given"})


@pytest.mark.parametrize("bound", [True, False])
def test_a_whole_form_is_drawn_alike(bound: bool) -> None:
    data = {"name": HOSTILE[2], "country": HOSTILE[3], "several": ["x", HOSTILE[4]]}
    ours, theirs = (
        TwinsForm(data if bound else None, renderer=renderer) for renderer in (Renderer(), THEIRS)
    )
    assert [str(field) for field in ours] == [str(field) for field in theirs]
    assert [str(tick) for tick in ours["several"]] == [str(tick) for tick in theirs["several"]]


def test_what_a_stranger_wrote_opens_no_tag() -> None:
    for text in HOSTILE:
        widget = forms.Select({"title": text}, [(text, text), (text, [(text, text)])])
        for drawn in (drawn_alike(widget, text, {}), drawn_alike(forms.TextInput(), text, {})):
            assert "<script" not in drawn
            assert "<b>" not in drawn
            assert drawn.count("<select") + drawn.count("<input") == 1


def test_an_option_with_a_template_of_its_own_keeps_it() -> None:
    class Coloured(forms.Select):
        option_template_name = "django/forms/widgets/input_option.html"

    class Ticked(forms.RadioSelect):
        option_template_name = "django/forms/widgets/select_option.html"

    for chooser in (Coloured, Ticked):
        drawn_alike(chooser(choices=CHOICES[3]), "FR", {})


def test_a_field_says_what_it_is_what_is_wrong_and_what_helps() -> None:
    form = forms.Form({})
    help_text = "Such as <Diane>"
    form.fields["name"] = forms.CharField(label='"Name" <b>', help_text=help_text)
    form.fields["more"] = forms.CharField(label="More", required=False)
    form.fields["pin"] = forms.CharField(widget=forms.PasswordInput)
    form.fields["kind"] = forms.ChoiceField(choices=CHOICES[1], widget=forms.RadioSelect)
    form.fields["yes"] = forms.BooleanField(label="Yes")
    form.add_error("name", "<script>wrong</script>")
    with override("en"):
        name, more, pin, kind, yes = (form[one].as_field_group() for one in form.fields)

    assert '<label for="id_name">&quot;Name&quot; &lt;b&gt;</label>' in name
    assert '<div class="field wrong">' in name
    assert 'id="id_name_error"' in name
    assert re.search(r"<span>[^<]+\. &lt;script&gt;wrong&lt;/script&gt;</span>", name)
    assert '<p class="note hidden" id="id_name_helptext">Such as &lt;Diane&gt;</p>' in name
    assert 'aria-describedby="id_name_helptext id_name_error"' in name
    assert 'More <span class="optional">optional</span></label>' in more
    assert '<div class="field">' in more
    assert 'data-reveal="id_pin"' in pin
    assert kind.count("<fieldset") == kind.count("</fieldset>") == 1
    assert re.search(r"<legend>Kind</legend>.*id_kind_error.*</fieldset>", kind, re.DOTALL)
    assert re.search(r'<div class="field wrong tick">\s*<input.*> <label for="id_yes">Yes', yes)
