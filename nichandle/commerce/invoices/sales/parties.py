"""The customer as an invoice names them: copied from the account, and never looked up again."""

from stdnum.fr import siren

from nichandle.commerce.invoices.errors import HolderIncomplete
from nichandle.commerce.invoices.facts import Party
from nichandle.identity.accounts.models import Account
from nichandle.identity.accounts.rules.numbers import FRENCH_REGISTER

SIRET_DIGITS = 14
SIREN_COUNTRIES = FRENCH_REGISTER | {"MC"}
"""Whose companies INSEE's register has: France, and some of the Principality."""


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


def siren_of(buyer: Party) -> str:
    """
    Return the SIREN, as registered or as the French VAT number holds it; empty where there is none.

    Another state's register gives numbers of nine digits too, and they pass for none of ours.
    """
    if buyer.country not in SIREN_COUNTRIES:
        return ""
    held = buyer.vat_number[4:] if buyer.vat_number.startswith("FR") else ""
    # Monaco's VAT numbers begin with three zeros, and are in no French register.
    found = (buyer.company_number[:9], "" if held.startswith("000") else held)
    return next(filter(siren.is_valid, found), "")
