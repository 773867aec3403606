"""Rules of the house that import-linter and Ruff cannot see, each tried with a deliberate break."""

import pytest

from tests.house import rules
from tests.house.tree import PACKAGE, ROOT, Module, all_python, product

RULES = (
    rules.rows_stay_home,
    rules.domain_knows_no_http,
    rules.pages_are_private,
    rules.imports_stand_on_top,
    rules.small_is_a_number,
    rules.domain_reads_no_clock,
    rules.suppressions_say_why,
)


def long_function(name: str, lines: int) -> str:
    return f"def {name}(request):\n" + "    pass\n" * (lines - 1)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps_the_rule(rule):
    breaks = [sentence for module in product() for sentence in rule(module)]

    assert not breaks, "\n" + "\n".join(breaks)


NOQA, IGNORE = "# no" + "qa", "# type: " + "ignore"


@pytest.mark.parametrize(
    ("rule", "where", "text"),
    [
        (
            rules.rows_stay_home,
            "identity/signin/operations.py",
            "from nichandle.identity.accounts.models import Account\nAccount.objects.get()",
        ),
        (
            rules.rows_stay_home,
            "identity/signin/queries.py",
            "from nichandle.identity.accounts.models import Account as A\nA.objects.get()",
        ),
        (rules.rows_stay_home, "identity/signin/views.py", "Session.objects.get()"),
        (rules.rows_stay_home, "identity/signin/views/pages.py", "Session.objects.get()"),
        (rules.rows_stay_home, "platform/jobs/management/commands/worker.py", "Job.objects.all()"),
        (
            rules.domain_knows_no_http,
            "identity/signin/operations.py",
            "from django.http import HttpResponse",
        ),
        (
            rules.domain_knows_no_http,
            "identity/signin/mails.py",
            "from django import forms\nimport django.forms",
        ),
        (
            rules.domain_knows_no_http,
            "identity/signin/queries/old.py",
            "from django.shortcuts import redirect",
        ),
        (rules.domain_knows_no_http, "identity/signin/models.py", "import django.urls"),
        (
            rules.pages_are_private,
            "sites/area/views.py",
            "from nichandle.identity.signin.authentication.views import signin",
        ),
        (
            rules.pages_are_private,
            "sites/area/operations.py",
            "from nichandle.identity.signup import mails",
        ),
        (
            rules.pages_are_private,
            "sites/area/views.py",
            "from nichandle.identity.signin.authentication.forms import SigninForm",
        ),
        (rules.imports_stand_on_top, "sites/area/views.py", "def home(request):\n    import json"),
        (
            rules.imports_stand_on_top,
            "sites/area/views.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass",
        ),
        (rules.small_is_a_number, "sites/area/operations.py", long_function("act", 41)),
        (rules.small_is_a_number, "sites/area/views.py", long_function("home", 21)),
        (rules.small_is_a_number, "sites/area/views.py", long_function("_helper", 41)),
        (rules.small_is_a_number, "sites/area/queries.py", "A = 1\n" * 401),
        (rules.domain_reads_no_clock, "identity/signin/operations.py", "timezone.now()"),
        (
            rules.domain_reads_no_clock,
            "identity/signin/models.py",
            "x = Field(default=timezone.now)",
        ),
        (rules.domain_reads_no_clock, "identity/handles/identifier.py", "datetime.now(UTC)"),
        (
            rules.domain_reads_no_clock,
            "identity/accounts/operations/opening.py",
            "datetime.date.today()",
        ),
        (rules.suppressions_say_why, "sites/area/views.py", f"x = 1  {NOQA}"),
        (rules.suppressions_say_why, "sites/area/views.py", f"x = 1  {NOQA}: S105"),
        (rules.suppressions_say_why, "sites/area/views.py", f"x = 1  {NOQA}: S105, E501"),
        (rules.suppressions_say_why, "sites/area/views.py", f"x = 1  {IGNORE}"),
        (rules.suppressions_say_why, "sites/area/views.py", f"x = 1  {IGNORE}[attr-defined]"),
        (rules.suppressions_say_why, "sites/area/views.py", f"x = 1  {IGNORE}  # because of that"),
    ],
)
def test_a_break_is_noticed(rule, where, text):
    assert list(rule(Module(PACKAGE / where, text)))


@pytest.mark.parametrize(
    ("rule", "where", "text"),
    [
        (
            rules.rows_stay_home,
            "identity/signin/operations.py",
            "from nichandle.identity.signin.models import Session\nSession.objects.get()",
        ),
        (
            rules.domain_knows_no_http,
            "identity/signin/views.py",
            "from django.http import HttpResponse",
        ),
        (
            rules.pages_are_private,
            "sites/area/views.py",
            "from nichandle.sites.area.forms import Edit",
        ),
        (
            rules.pages_are_private,
            "sites/area/views.py",
            "from nichandle.identity.accounts.forms import Details",
        ),
        (
            rules.pages_are_private,
            "sites/area/forms.py",
            "from nichandle.platform.ui.forms import Renderer",
        ),
        (rules.small_is_a_number, "sites/area/operations.py", long_function("act", 40)),
        (rules.small_is_a_number, "sites/area/views.py", long_function("home", 20)),
        (rules.domain_reads_no_clock, "sites/area/views.py", "timezone.now()"),
        (
            rules.suppressions_say_why,
            "sites/area/views.py",
            f"x = 1  {NOQA}: S105 - a name, no secret",
        ),
        (
            rules.suppressions_say_why,
            "sites/area/views.py",
            f"x = 1  {IGNORE}[misc]  # Django's own",
        ),
    ],
)
def test_what_is_allowed_is_left_alone(rule, where, text):
    assert not list(rule(Module(PACKAGE / where, text)))


def test_scripts_benches_and_tests_give_reasons_too():
    breaks = [
        sentence
        for path in all_python()
        for sentence in rules.suppressions_say_why(Module(path, path.read_text(encoding="utf-8")))
    ]

    assert not breaks, "\n" + "\n".join(breaks)


def test_scripts_are_small_too():
    scripts = sorted((ROOT / "script").rglob("*.py")) + sorted((ROOT / "bench").rglob("*.py"))
    assert scripts
    long = [path.name for path in scripts if len(path.read_text("utf-8").splitlines()) > 400]

    assert not long
