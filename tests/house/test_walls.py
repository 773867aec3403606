"""The walls, tried with the breaks they are there for, in the very modules of the product."""

import pytest

from tests.house import walls
from tests.house.tree import with_more

EFFECT = "identity/emailchange/outcome/effect.py"
STEP = "identity/signin/authentication/second_step.py"
ENROLMENT = "identity/signin/credentials/enrolment.py"
ACCOUNT_PAGE = "sites/area/views/account.py"


@pytest.mark.parametrize(
    ("where", "more"),
    [
        # Once, nobody would have noticed these seven.
        (EFFECT, "from django.http import HttpResponse"),
        (EFFECT, "from django.shortcuts import redirect\nfrom django.urls import reverse"),
        (STEP, "from nichandle.identity.signin.authentication.forms import SigninForm"),
        (ENROLMENT, "from nichandle.identity.signin.authentication.views import signin"),
        (
            "identity/emailchange/outcome/undo.py",
            "from nichandle.identity.emailchange.forms import ChangeForm",
        ),
        (
            "commerce/contacts/requests/answering.py",
            "from nichandle.commerce.contacts import forms",
        ),
        ("identity/cases/review/reviewing.py", "from django.http import HttpRequest"),
        # The same by other ways.
        ("identity/signin/mails.py", "from django import forms"),
        (STEP, "import django\nanswer = django.http.HttpResponse()"),
        (STEP, "import django.core as core\nrequest = core.handlers.wsgi.WSGIRequest"),
        (STEP, "from django.core.handlers.wsgi import WSGIRequest"),
        (STEP, "from . import views"),
        (STEP, "import nichandle\nshown = nichandle.identity.signin.authentication.views.signin"),
        (STEP, "def answer(request):\n    return request.POST"),
        # Doors without a door's name, doors of other rooms, and every kind of domain.
        (
            "identity/accounts/rules/numbers.py",
            "from nichandle.platform.ui.pages import refuse",
        ),
        ("sites/desk/keys.py", "from nichandle.sites.desk.http import visit"),
        (
            "commerce/contacts/requests/asking.py",
            "from nichandle.commerce.services.forms import FilterForm",
        ),
        ("identity/signup/operations.py", "from nichandle.identity.signup import cookie"),
        (
            "identity/signin/authentication/__init__.py",
            "from nichandle.identity.signin.authentication.views import signin",
        ),
        ("identity/signin/jobs.py", "from django.core.management import call_command"),
        ("config/database.py", "from django.http import HttpRequest"),
        ("platform/kernel/wording/text.py", "from http import HTTPStatus"),
        ("platform/kernel/origin.py", "from django.http import HttpResponse"),
    ],
)
def test_domain_that_knows_a_door_is_noticed(where, more):
    assert list(walls.domain_knows_no_door(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        ("identity/signin/authentication/views.py", "from django.http import HttpResponse"),
        (ENROLMENT, "from nichandle.identity.signin.models import Session"),
        (ENROLMENT, "from nichandle.identity.signin.authentication import challenges"),
    ],
)
def test_doors_know_doors_and_domain_knows_domain(where, more):
    assert not list(walls.domain_knows_no_door(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (
            "identity/signin/sessions/queries.py",
            "from nichandle.identity.signin.authentication import operations",
        ),
        # By a detour: what opens a session knows queries.
        (
            "identity/signin/models.py",
            "from nichandle.identity.signin.authentication import challenges",
        ),
        (
            "commerce/contacts/queries.py",
            "from nichandle.commerce.contacts.requests import asking",
        ),
        (
            "identity/recovery/procedure/forms.py",
            "from nichandle.identity.recovery.procedure import operations",
        ),
        (ACCOUNT_PAGE, "from nichandle.sites.area import urls"),
    ],
)
def test_a_way_up_inside_a_room_is_noticed(where, more):
    assert list(walls.inside_a_room_imports_point_down(with_more(where, more)))


@pytest.mark.parametrize(
    "more",
    [
        "from nichandle.identity.signin.sessions import queries",
        "from nichandle.identity.signin.recognition import browsers",
        # Between rooms it is import-linter that speaks.
        "from nichandle.identity.recovery import views",
    ],
)
def test_a_way_down_inside_a_room_is_left_alone(more):
    where = "identity/signin/authentication/operations.py"

    assert not list(walls.inside_a_room_imports_point_down(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (ACCOUNT_PAGE, "from nichandle.identity.signin.authentication.views import signin"),
        (ACCOUNT_PAGE, "from nichandle.identity.signin.authentication.forms import SigninForm"),
        (ACCOUNT_PAGE, "import nichandle.identity as those\nform = those.signup.forms.StartForm"),
        ("sites/area/security.py", "from nichandle.identity.recovery import mails"),
    ],
)
def test_the_use_of_another_rooms_pages_is_noticed(where, more):
    assert list(walls.pages_are_private(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (ACCOUNT_PAGE, "from nichandle.sites.area.forms import EditForm"),
        (ACCOUNT_PAGE, "from nichandle.identity.accounts.forms import AddressField"),
        ("sites/area/forms.py", "from nichandle.platform.ui.forms import Renderer"),
    ],
)
def test_a_rooms_own_pages_and_forms_made_for_others_are_left_alone(where, more):
    assert not list(walls.pages_are_private(with_more(where, more)))


@pytest.mark.parametrize(
    "more",
    [
        "def found():\n    import json",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass",
        "import typing\nif typing.TYPE_CHECKING:\n    pass",
        "def found():\n    return __import__('nichandle.identity.signup.views')",
        "import builtins\nviews = builtins.__import__('nichandle.identity.signup.views')",
        "from importlib import import_module as by_name\nviews = by_name('x.views')",
        "import importlib\ndef views():\n    return importlib.import_module('x.views')",
        "from django.utils.module_loading import import_string",
    ],
)
def test_an_import_that_no_graph_sees_is_noticed(more):
    assert list(walls.imports_stand_on_top(with_more(ENROLMENT, more)))


@pytest.mark.parametrize(
    "more",
    [
        "views = later('nichandle.identity.signup.views')",
        "later.later('nichandle.identity.signup')",
        "name = 'nichandle'\nfound = later(name)",
        "found = later()",
    ],
)
def test_a_module_of_ours_that_is_put_off_is_noticed(more):
    assert list(walls.only_libraries_are_put_off(with_more(ENROLMENT, more)))


def test_a_library_that_is_put_off_is_left_alone():
    assert not list(walls.only_libraries_are_put_off(with_more(ENROLMENT, "it = later('qrcode')")))


def test_an_import_on_top_is_left_alone():
    assert not list(walls.imports_stand_on_top(with_more(ENROLMENT, "import json")))
