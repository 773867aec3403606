"""The services on which somebody may do something, for the queries of rooms above."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from nichandle.commerce.services.models import Role
from nichandle.commerce.services.permissions import PERMISSIONS, ServiceAction


def services(account_id: UUID, action: ServiceAction) -> QuerySet[Role, Any]:
    """Return the ids of the services on which an account's roles allow an action, as a subquery."""
    roles = PERMISSIONS[action].roles
    return Role.objects.filter(account_id=account_id, role__in=roles).values("service_id")
