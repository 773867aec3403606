"""
Three customers and their services for one journey, made by the operations that pages call.

    python -m tests.journeys.seed '{"language": "fr", "word": "w1", "emails": [one, two, three]}'

``details`` changes what all three say of themselves. Runs with an installation's own settings,
beside it; prints their identifiers. The services are those of the demonstration, with the word
before their names.
"""

import json
import os
import sys
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "nichandle.config.settings"
django.setup()

from django.utils import timezone  # noqa: E402 - only now are the settings there

from nichandle.commerce.services import demo as services  # noqa: E402 - likewise
from nichandle.identity.accounts import demo, operations  # noqa: E402 - likewise
from nichandle.identity.accounts.passwords import hash_password  # noqa: E402 - likewise
from nichandle.platform.kernel.act import Act  # noqa: E402 - likewise


def main() -> None:
    given = json.loads(sys.argv[1])
    made, accounts = [], {}
    for known, email in zip(demo.CUSTOMERS, given["emails"], strict=True):
        like = replace(known, details={**known.details, **given.get("details", {})})
        account_id, handle = customer(like, email, given["language"])
        accounts[known.email] = account_id
        made.append(handle)
    for service in services.SERVICES:
        own = replace(service, name=f"{given['word']}.{service.name}")
        services._create(own, accounts, timezone.now())
    sys.stdout.write(json.dumps(made))


def customer(like: demo.DemoCustomer, email: str, language: str) -> tuple[UUID, str]:
    """Make a customer like one of the demonstration, who has been one as long."""
    moment = timezone.now() - timedelta(days=40)
    password_hash, length_class = hash_password(like.password)
    account = operations.create_opening(
        email=email,
        password_hash=password_hash,
        length_class=length_class,
        country="FR",
        language=language,
        act=Act.by_itself(moment),
    )
    opened = operations.open_account(
        account_id=account.pk,
        kind=like.kind,
        details=like.details,
        recovery_address=None,
        act=Act.by_itself(moment),
    )
    return account.pk, opened.handle


if __name__ == "__main__":
    main()
