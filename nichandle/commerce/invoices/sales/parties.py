"""The customer as an invoice names them: copied from the account, and never looked up again."""

from nichandle.commerce.invoices.errors import HolderIncomplete
from nichandle.commerce.invoices.facts import Party
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules.numbers import FRENCH_REGISTER

SIRET_DIGITS = 14


def holder(account: Account) -> Party:
    """
    Return who is invoiced, as the account says now; read ``handle`` along.

    :raises HolderIncomplete: while it lacks a name or an address
    """
    person = f"{account.given_name} {account.family_name}".strip()
    name = account.organisation or person
    if not (name and account.address and account.city):
        raise HolderIncomplete
    number = account.company_number.replace(" ", "")
    french = account.country in FRENCH_REGISTER and len(number) in {9, SIRET_DIGITS}
    return Party(
        name=name,
        lines=tuple(line for line in (account.address, account.address_more) if line),
        postcode=account.postcode,
        city=account.city,
        country=account.country,
        kind=account.kind,
        company_number=number[:9] if french else number,
        establishment_number=number if french and len(number) == SIRET_DIGITS else "",
        vat_number=account.vat_number,
        email=account.email,
        handle=account.handle_text,
        given_name=account.given_name,
        family_name=account.family_name,
        electronic_address=f"0225:{number[:9]}" if french else "",
    )
