"""
How Django's forms are drawn.

Django draws every widget, and every option of a select, by a template of its own: a list of all
countries is 250 of them, most of the time that the sign-up page takes. The widgets in use here are
drawn by a few functions instead, to the byte as Django's templates do (the tests compare them); a
widget with another template is drawn by that one.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms import BoundField
from django.forms.renderers import TemplatesSetting
from django.template import Context
from django.template.base import render_value_in_context
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from nichandle.platform.ui.templatetags.ui import icon

Described = Mapping[str, Any]
"""A widget as ``Widget.get_context`` describes it."""
OPTION = "django/forms/widgets/select_option.html"
PLAIN = Context()
"""What a template writes a variable by: escaped, numbers as the reader writes them."""
TICKS = {"django/forms/widgets/radio_option.html", "django/forms/widgets/checkbox_option.html"}


class Renderer(TemplatesSetting):
    """Every field is a label above, help below, an error in place of help."""

    field_template_name = "ui/field"
    """No template either: a form of ten fields took as long for them as for all its widgets."""

    def render(
        self, template_name: str, context: dict[str, Any], request: Any = None
    ) -> SafeString | str:
        """Draw a widget, a field or a form."""
        if template_name == self.field_template_name:
            return _field(context["field"])
        draw = _DRAWN.get(template_name)
        drawn = draw(context["widget"]) if draw else None
        return drawn if drawn is not None else super().render(template_name, context, request)


def _field(field: BoundField) -> SafeString:
    kind = getattr(field.field.widget, "input_type", "")
    state = f"{' wrong' if field.errors else ''}{' tick' if kind == 'checkbox' else ''}"
    return format_html('<div class="field{}">\n{}</div>', state, _labelled(field, kind))


def _labelled(field: BoundField, kind: str | None) -> SafeString:
    """Draw a field with its label: around it, behind it or above it."""
    notes = _notes(field)
    if field.use_fieldset:
        by = field.aria_describedby
        described = format_html(' aria-describedby="{}"', by) if by else ""
        group = "<fieldset{}>\n<legend>{}</legend>\n{}\n{}</fieldset>\n"
        return format_html(group, described, field.label, field, notes)
    if kind == "checkbox":
        tick = '{} <label for="{}">{}</label>\n{}'
        return format_html(tick, field, field.id_for_label, field.label, notes)
    optional = format_html(' <span class="optional">{}</span>', gettext("optional"))
    return format_html(
        '<label for="{}">{}{}</label>\n{}\n{}',
        field.id_for_label,
        field.label,
        "" if field.field.required else optional,
        _revealed(field) if kind == "password" else field,
        notes,
    )


def _revealed(field: BoundField) -> SafeString:
    return format_html(
        '<div class="reveal">{}<button type="button" data-reveal="{}" aria-pressed="false" hidden>'
        '{}<span class="hidden">{}</span></button></div>',
        field,
        field.id_for_label,
        icon("eye"),
        gettext("Show the password"),
    )


def _notes(field: BoundField) -> SafeString:
    """Draw what is wrong in place of the help, which stays for those who listen."""
    notes = SafeString("")
    if field.errors:
        said = format_html_join(" ", "{}", ((error,) for error in field.errors))
        notes += format_html(
            '<p class="note error" id="{}_error">{}<span>{}</span></p>\n',
            field.auto_id,
            icon("alert-circle"),
            said,
        )
    if field.help_text:
        notes += format_html(
            '<p class="note{}" id="{}_helptext">{}</p>\n',
            " hidden" if field.errors else "",
            field.auto_id,
            field.help_text,
        )
    return notes


def _input(widget: Described) -> SafeString:
    value = widget["value"]
    shown = "" if value is None else f' value="{_string(value)}"'
    return mark_safe(  # noqa: S308 - each part was escaped
        f'<input type="{_text(widget["type"])}" name="{_text(widget["name"])}"{shown}'
        f"{_attributes(widget)}>"
    )


def _textarea(widget: Described) -> SafeString:
    value = widget["value"]
    # A browser passes over the first line break (HTML, 13.1.2.5), so that of the text is kept.
    return mark_safe(  # noqa: S308 - likewise
        f'<textarea name="{_text(widget["name"])}"{_attributes(widget)}>\n'
        f"{_text(value) if value else ''}</textarea>"
    )


def _select(widget: Described) -> SafeString | None:
    parts = [f'<select name="{_text(widget["name"])}"{_attributes(widget)}>']
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f'\n  <optgroup label="{_text(group)}">')
        for option in options:
            if option["template_name"] != OPTION:
                return None
            parts.append(
                f'\n  <option value="{_string(option["value"])}"{_attributes(option)}>'
                f"{_text(option['label'])}</option>\n"
            )
        if group:
            parts.append("\n  </optgroup>")
    return mark_safe("".join([*parts, "\n</select>"]))  # noqa: S308 - likewise


def _ticks(widget: Described) -> SafeString | None:
    """Draw what is chosen by pressing one of several: radio buttons or checkboxes."""
    own = {name: widget["attrs"].get(name) for name in ("id", "class")}
    parts = ["<div", *(f' {name}="{_text(value)}"' for name, value in own.items() if value), ">"]
    for group, options, _index in widget["optgroups"]:
        if group:
            parts.append(f"\n  <div><label>{_text(group)}</label>")
        for option in options:
            if option["template_name"] not in TICKS:
                return None
            parts.append(f"<div>\n    {_tick(option)}\n\n</div>")
        if group:
            parts.append("\n  </div>")
    return mark_safe("".join([*parts, "\n</div>"]))  # noqa: S308 - likewise


def _tick(option: Described) -> str:
    if not option["wrap_label"]:
        return f"{_input(option)}\n"
    name = option["attrs"].get("id")
    target = f' for="{_text(name)}"' if name else ""
    return f"<label{target}>{_input(option)}\n {_text(option['label'])}</label>"


def _attributes(widget: Described) -> str:
    return "".join(
        f" {_text(name)}" if value is True else f' {_text(name)}="{_string(value)}"'
        for name, value in widget["attrs"].items()
        if value is not False
    )


def _text(value: Any) -> str:
    """Write what a template writes for a variable: escaped, a number as the reader writes it."""
    if isinstance(value, str):
        return conditional_escape(value)
    return str(render_value_in_context(value, PLAIN))


def _string(value: Any) -> str:
    """Write a value as it is sent back, whatever the reader's language: escaped."""
    return conditional_escape(value) if isinstance(value, str) else escape(value)


_INPUTS = (
    "checkbox color date datetime email file hidden input number password search tel text time url"
)
_DRAWN: dict[str, Callable[[Described], SafeString | None]] = {
    **{f"django/forms/widgets/{name}.html": _input for name in _INPUTS.split()},
    "django/forms/widgets/select.html": _select,
    "django/forms/widgets/textarea.html": _textarea,
    "django/forms/widgets/radio.html": _ticks,
    "django/forms/widgets/checkbox_select.html": _ticks,
}
