"""What a home page says of one's services: how many, which renew next, which are suspended."""

from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from nichandle.commerce.services.models import Role, Service
from nichandle.commerce.services.words import ROLES
from nichandle.platform.kernel.database import stored_uuid
from nichandle.platform.kernel.reading.questions import Question, question

RENEWALS_SHOWN = 3
SUSPENDED_SHOWN = 5
MOST_COUNTED = 1000
_NUMBER = """
    SELECT COUNT(*) FROM (
        SELECT 1 FROM services_role WHERE account_id = %s
         GROUP BY name_folded, service_id ORDER BY name_folded, service_id
         LIMIT %s) AS found
"""


def renewals_asked(account_id: UUID, *, today: date) -> Question[list[Service]]:
    """Ask for the ``RENEWALS_SHOWN`` of one's services that expire next."""
    return _renewals(account_id, today).then(
        lambda roles: list(dict.fromkeys(role.service for role in roles))[:RENEWALS_SHOWN]
    )


@question
def _renewals(account_id: UUID, today: date) -> QuerySet[Role]:
    rows = Role.objects.filter(account_id=account_id, expiry_date__gte=today)
    rows = rows.exclude(state=Service.State.TERMINATED).select_related("service")
    return rows.order_by("expiry_date", "service_id")[: RENEWALS_SHOWN * len(ROLES)]


def suspended_asked(account_id: UUID) -> Question[list[Service]]:
    """Ask for the first ``SUSPENDED_SHOWN`` suspended services on which one has a role."""
    return _suspended(account_id).then(
        lambda roles: list(dict.fromkeys(role.service for role in roles))[:SUSPENDED_SHOWN]
    )


@question
def _suspended(account_id: UUID) -> QuerySet[Role]:
    rows = Role.objects.filter(account_id=account_id, state=Service.State.SUSPENDED)
    rows = rows.select_related("service").order_by("name_folded", "service_id")
    return rows[: SUSPENDED_SHOWN * len(ROLES)]


def number_asked(account_id: UUID) -> Question[int]:
    """
    Ask on how many services an account has a role, ``MOST_COUNTED`` and one at most.

    To count more, a home page would read every role there is.
    """
    given = [stored_uuid(account_id), MOST_COUNTED + 1]
    return Question((_NUMBER, given), lambda rows: int(rows[0][0]))
