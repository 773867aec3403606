"""Keeping a database and its server's secret together."""

from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from nichandle.platform.installation.models import Installation
from nichandle.platform.kernel import tokens
from nichandle.platform.kernel.errors import Refused


class SecretUnknown(Refused):
    code = "start.secret_unknown"
    message = (
        "The database was written with another secret than those given (it knows %(known)s; "
        "given: %(given)s). Put the former one back into NICHANDLE_SECRET_KEY, or list it in "
        "NICHANDLE_SECRET_KEY_OLD when you change it. Only if it is lost for good: `nichandle "
        "secret accept` goes on without it, and what it sealed stays unreadable."
    )


def refuse_strange_secret() -> None:
    """
    Make sure that the secret which the database knows is among those given.

    :raises SecretUnknown: when it is not
    """
    known = Installation.objects.values_list("secret_name", flat=True).first()
    given = tokens.key_names()
    if known is not None and known not in given:
        raise SecretUnknown(known=known, given=", ".join(given))


def remember(*, now: datetime) -> None:
    """Note whose database this is: the secret in use from now on, and the suffix."""
    mine = {"secret_name": tokens.key_name(), "suffix": settings.NICHANDLE_SUFFIX}
    if Installation.objects.filter(**mine).exists():
        return
    try:
        with transaction.atomic():
            Installation.objects.update_or_create(pk=1, defaults={**mine, "written_at": now})
    except IntegrityError:
        # Another process that starts with the same settings was faster.
        Installation.objects.filter(pk=1).update(**mine)
