"""
Accounts for benches of lists: one by the product itself, a hundred thousand like it by SQL.

To be imported once Django is set up.
"""

from datetime import UTC, datetime

from django.conf import settings
from django.test import Client

from nichandle.identity.accounts import operations
from nichandle.identity.handles.operations import issue
from nichandle.identity.signin.sessions.opening import open_session
from nichandle.platform.kernel.act import Act
from nichandle.platform.kernel.origin import Origin

ACCOUNTS = 100_000


def person(email: str):

    now = datetime.now(UTC)
    account = operations.create_opening(
        email=email,
        password_hash="!",
        length_class="long",
        country="FR",
        language="fr",
        act=Act.by_itself(now),
    )
    handle = issue(letters="dm", now=now)
    operations.open_with(
        account,
        kind="individual",
        details={
            "given_name": "Diane",
            "family_name": "Mercier",
            "address": "12 rue des Lilas",
            "postcode": "59800",
            "city": "Lille",
        },
        handle=handle,
        act=Act.by_itself(now),
    )
    return account


def copy_accounts(cursor, like) -> None:
    """Make a hundred thousand accounts like one that there is."""
    cursor.execute(
        """
        INSERT INTO handles_handle (id, key, text, kind, issued_at)
        SELECT 1000 + n, 'zz' || (100000 + n) || 'ovh', 'zz' || (100000 + n) || '-OVH', 'issued',
               now() FROM generate_series(0, %s) n
        """,
        [ACCOUNTS - 1],
    )
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'accounts_account'"
    )
    own = {
        "id": "md5(n::text)::uuid",
        "handle_id": "1000 + n",
        "email": "'n' || n || '@example.net'",
        "email_key": "'n' || n || '@example.net'",
    }
    columns = [name for (name,) in cursor.fetchall()]
    values = ", ".join(own.get(name, f'a."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO accounts_account ({names}) SELECT {values} FROM accounts_account a, "
        "generate_series(0, %s) n WHERE a.id = %s",
        [ACCOUNTS - 1, like.pk],
    )


def browser_of(account):
    """Return a browser in which somebody is signed in, freshly."""

    session = open_session(
        account_id=account.pk, stay=True, act=Act(Origin("127.0.0.1", ""), datetime.now(UTC))
    )
    browser = Client(HTTP_HOST="localhost")
    browser.cookies[settings.SESSION_COOKIE_NAME] = session.key
    return browser
