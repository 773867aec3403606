"""Who buys, as far as prices ask: a customer by their account, a visitor by where we sell."""

from uuid import UUID

from django.conf import settings

from nichandle.commerce.invoices.facts import Party
from nichandle.commerce.invoices.sales.parties import holder
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.queries import profile


def buyer(account_id: UUID | None) -> Party:
    """Return the customer of an account; without one, a consumer of the operator's country."""
    if account_id is not None:
        return holder(profile(account_id))
    return Party(
        name="",
        lines=(),
        postcode="",
        city="",
        country=settings.NICHANDLE_COUNTRY,
        kind=Account.Kind.INDIVIDUAL,
    )
