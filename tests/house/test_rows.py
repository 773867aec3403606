"""Rows of other rooms, reached for in every way we could think of."""

import pytest

from tests.house import rows
from tests.house.tree import with_more

SESSIONS = "identity/signin/sessions/queries.py"
SIGNIN_MODELS = "identity/signin/models.py"
ACCOUNT = "from nichandle.identity.accounts.models import Account\n"


def test_there_are_relations_to_look_at():
    assert {"papers", "recovery_addresses", "roles"} <= rows.related_names().keys()


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (SESSIONS, f"{ACCOUNT}Account.objects.get()"),
        (SESSIONS, f"{ACCOUNT}Account._base_manager.get()"),
        (SESSIONS, f"{ACCOUNT}Account._default_manager.get()"),
        (SESSIONS, f"{ACCOUNT}Account._meta.base_manager.get()"),
        (SESSIONS, f"{ACCOUNT}kind = Account\nkind.objects.get()"),
        (SESSIONS, f"{ACCOUNT}rows = Account.objects\nrows.get()"),
        (SESSIONS, f"{ACCOUNT}Account(email='x')"),
        (SESSIONS, f"{ACCOUNT}def change(one: Account):\n    one.save()"),
        (SESSIONS, f"{ACCOUNT}def change(*, one: Account):\n    one.delete()"),
        (
            SESSIONS,
            "from nichandle.identity.accounts.models import Account as A\nA.objects.get()",
        ),
        (
            SESSIONS,
            "from nichandle.identity.accounts import models\nmodels.Account.objects.get()",
        ),
        (SESSIONS, "import nichandle.identity.accounts.models as m\nm.Account.objects.get()"),
        (SESSIONS, "import nichandle\nnichandle.identity.accounts.models.Account.objects.get()"),
        (
            SESSIONS,
            "from nichandle.identity.accounts.queries import Account\nAccount.objects.get()",
        ),
        (SESSIONS, "from ...accounts import models\nmodels.Account.objects.get()"),
        (SESSIONS, "def others(account):\n    return type(account).objects.all()"),
        (SESSIONS, "from django.apps import apps\nA = apps.get_model('accounts', 'Account')"),
        (SESSIONS, "from django.contrib.auth import get_user_model\nA = get_user_model()"),
        # A related manager, of rows whose room is another.
        (SESSIONS, "def others(account):\n    return account.recovery_addresses.filter(pk=1)"),
        ("sites/desk/keys.py", "def erase(case):\n    case.papers.all().delete()"),
        # The same room, at a door.
        ("identity/emailchange/views/page.py", "def mails(change):\n    return change.mails.all()"),
        (
            "identity/signin/authentication/views.py",
            "from nichandle.identity.signin.models import Session\nSession.objects.get()",
        ),
        (
            "platform/audit/management/commands/audit.py",
            "from nichandle.platform.audit.models import Entry\nEntry.objects.all()",
        ),
    ],
)
def test_touching_rows_of_another_room_or_at_a_door_is_noticed(where, more):
    assert list(rows.rows_stay_home(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (SESSIONS, "from nichandle.identity.signin.models import Session\nSession.objects.get()"),
        (SESSIONS, "from nichandle.identity.signin import models\nmodels.Session.objects.get()"),
        (SESSIONS, f"{ACCOUNT}active = Account.State.ACTIVE"),
        (SESSIONS, f"{ACCOUNT}def name(one: Account):\n    return one.email"),
        (SESSIONS, "def all_of(policy):\n    return policy.rules.all()"),
        (SESSIONS, "def words(texts):\n    return [text for text in texts.items()]"),
    ],
)
def test_a_rooms_own_rows_are_left_alone(where, more):
    assert not list(rows.rows_stay_home(with_more(where, more)))


@pytest.mark.parametrize(
    ("where", "more"),
    [
        (SESSIONS, "SQL = 'UPDATE accounts_recoveryaddress SET removed_at = NULL'"),
        (SESSIONS, "SQL = f'SELECT {what} FROM audit_entry WHERE account_id = %s'"),
        (SESSIONS, f"{ACCOUNT}TABLE = Account._meta.db_table"),
        ("identity/signup/operations.py", "SQL = 'DELETE FROM \"accounts_account\"'"),
    ],
)
def test_a_statement_about_tables_of_another_room_is_noticed(where, more):
    assert list(rows.statements_stay_home(with_more(where, more)))


def test_a_statement_about_the_rooms_own_tables_is_left_alone():
    sql = "SQL = 'SELECT 1 FROM signin_session'\nTEMPLATE = 'signin/mail/code'"

    assert not list(rows.statements_stay_home(with_more(SESSIONS, sql)))


@pytest.mark.parametrize(
    "more",
    [
        "one = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)",
        "one = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name='seen')",
        f"{ACCOUNT}one = models.OneToOneField(Account, models.CASCADE, related_name='seen')",
        "one = models.ForeignKey('accounts.Account', models.CASCADE, related_name='seen')",
        "many = models.ManyToManyField(NetworkPolicy)",
    ],
)
def test_a_relation_that_leaves_a_way_back_is_noticed(more):
    assert list(rows.relations_end_at_home(with_more(SIGNIN_MODELS, more)))


@pytest.mark.parametrize(
    "more",
    [
        "one = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name='+')",
        "one = models.ForeignKey(NetworkPolicy, models.CASCADE, related_name='others')",
        "one = models.ForeignKey('self', models.CASCADE, related_name='others')",
    ],
)
def test_a_relation_without_one_is_left_alone(more):
    assert not list(rows.relations_end_at_home(with_more(SIGNIN_MODELS, more)))
