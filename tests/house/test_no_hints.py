"""Nobody is asked for a hint or a secret question: no form has the field, no table the column."""

import importlib
import pkgutil

from django import forms
from django.apps import apps

import nichandle

ASKED = ("hint", "question", "maiden", "pet_name")


def _forms() -> list[type[forms.Form]]:
    for found in pkgutil.walk_packages(nichandle.__path__, "nichandle."):
        if found.name.endswith(".forms"):
            importlib.import_module(found.name)
    known, found_forms = [forms.Form], []
    while known:
        below = known.pop().__subclasses__()
        known += below
        found_forms += [one for one in below if one.__module__.startswith("nichandle.")]
    return found_forms


def test_no_form_asks_for_one_and_no_table_keeps_one():
    fields = {f"{form.__name__}.{name}" for form in _forms() for name in form.base_fields}
    columns = {
        f"{model.__name__}.{column.name}"
        for model in apps.get_models()
        for column in model._meta.get_fields()
    }

    assert "SigninForm.password" in fields
    assert "Account.password" in columns
    suspected = [name for name in fields | columns if any(word in name.lower() for word in ASKED)]
    assert suspected == []
