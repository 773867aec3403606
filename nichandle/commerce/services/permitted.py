"""The roles by which somebody may do something, for the queries of rooms above."""

from uuid import UUID

from django.db.models import QuerySet

from nichandle.commerce.services.models import Role
from nichandle.commerce.services.permissions import PERMISSIONS, ServiceAction


def roles(account_id: UUID, action: ServiceAction) -> QuerySet[Role]:
    """Return the roles by which an account may do something, each with since when it has it."""
    return Role.objects.filter(account_id=account_id, role__in=PERMISSIONS[action].roles)
