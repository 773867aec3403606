"""How Django's forms are drawn."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Every field is a label above, help below, an error in place of help."""

    field_template_name = "ui/field.html"
