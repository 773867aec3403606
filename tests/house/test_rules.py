"""The clock, sizes and suppressions, each tried with deliberate breaks."""

import pytest

from tests.house import rules
from tests.house.tree import ROOT, Module, all_python, with_more

ACCOUNTS = "identity/accounts/operations.py"
QUERIES = "sites/area/queries.py"
PAGE = "sites/area/views/account.py"
NOQA, IGNORE = "# no" + "qa", "# type: " + "ignore"


def long_function(name: str, lines: int) -> str:
    return f"def {name}(request):\n" + "    pass\n" * (lines - 1)


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (ACCOUNTS, "from django.utils import timezone\nat = timezone.now()"),
        (ACCOUNTS, "from django.utils import timezone\nclock = timezone\nat = clock.now()"),
        (ACCOUNTS, "from django.utils.timezone import now\nat = now()"),
        (ACCOUNTS, "from django.utils.timezone import now as moment\nat = moment()"),
        (ACCOUNTS, "from django.utils.timezone import localdate\nday = localdate()"),
        (ACCOUNTS, "from django.utils import timezone\nday = timezone.localtime().date()"),
        (ACCOUNTS, "from django.utils import timezone\nday_of = timezone.localdate"),
        (ACCOUNTS, "from datetime import UTC, datetime\nat = datetime.now(UTC)"),
        (ACCOUNTS, "import datetime as d\nday = d.date.today()"),
        (ACCOUNTS, "import time\nat = time.time()"),
        (ACCOUNTS, "from time import time\nat = time()"),
        (ACCOUNTS, "from django.db.models.functions import Now\nlate = Q(due_at__lte=Now())"),
        (ACCOUNTS, "from django.db.models import functions\nlate = Q(due_at=functions.Now())"),
        (ACCOUNTS, "LATE = 'SELECT 1 FROM accounts_account WHERE due_at < CURRENT_TIMESTAMP'"),
        (ACCOUNTS, "LATE = 'SELECT 1 FROM accounts_account WHERE due_at < now()'"),
        ("identity/signin/models.py", "from django.utils import timezone\nx = F(d=timezone.now)"),
        ("identity/signin/models.py", "at = models.DateTimeField(auto_now_add=True)"),
    ],
)
def test_a_clock_in_the_domain_is_noticed(where, more):
    assert list(rules.domain_reads_no_clock(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (PAGE, "from django.utils import timezone\nat = timezone.now()"),
        (ACCOUNTS, "from django.utils.timezone import localtime\nat = localtime(given)"),
        (ACCOUNTS, "from datetime import time\nmidnight = time.min"),
        (ACCOUNTS, 'SAID = "Enter it now (it works for an hour)."'),
    ],
)
def test_a_clock_at_a_door_is_left_alone(where, more):
    assert not list(rules.domain_reads_no_clock(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (QUERIES, long_function("act", 41)),
        (PAGE, long_function("home", 21)),
        (PAGE, long_function("_helper", 41)),
        (QUERIES, "A = 1\n" * 401),
    ],
)
def test_what_is_too_long_is_noticed(where, more):
    assert list(rules.small_is_a_number(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [(QUERIES, long_function("act", 40)), (PAGE, long_function("home", 20))],
)
def test_what_is_just_short_enough_is_left_alone(where, more):
    assert not list(rules.small_is_a_number(with_more(where, more)))


@pytest.mark.parametrize(
    "more",
    [
        f"x = 1  {NOQA}",
        f"x = 1  {NOQA}: S105",
        f"x = 1  {NOQA}: S105, E501",
        f"x = 1  {IGNORE}",
        f"x = 1  {IGNORE}[attr-defined]",
        f"x = 1  {IGNORE}  # because of that",
    ],
)
def test_a_suppression_without_a_reason_is_noticed(more):
    assert list(rules.suppressions_say_why(with_more(QUERIES, more)))


@pytest.mark.parametrize(
    "more",
    [f"x = 1  {NOQA}: S105 - a name, no secret", f"x = 1  {IGNORE}[misc]  # Django's own"],
)
def test_a_suppression_with_its_reason_is_left_alone(more):
    assert not list(rules.suppressions_say_why(with_more(QUERIES, more)))


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
