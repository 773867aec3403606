"""Sellers and customers that the tests of documents and of VAT share."""

from datetime import date
from typing import Any

from nichandle.commerce.invoices.facts import Party, Seller

TODAY = date(2026, 12, 1)
HANDLE = "dm429850-OVH"


def seller(**changes: Any) -> Seller:
    given: dict[str, Any] = {
        "name": "Exemple Hébergement",
        "lines": ("2 rue Kellermann",),
        "postcode": "59100",
        "city": "Roubaix",
        "legal_form": "SAS",
        "capital": "10 000 €",
        "register": "RCS Lille Métropole 732 829 320",
        "siren": "732829320",
        "siret": "73282932000074",
        "vat_number": "FR44732829320",
        "iban": "FR7630006000011234567890189",
        "bic": "AGRIFRPPXXX",
        "email": "facturation@exemple-hebergement.fr",
        "phone": "+33 9 72 10 10 07",
        "website": "www.exemple-hebergement.fr",
        "electronic_address": "0225:732829320_statuts",
        "vat_on": "debits",
        "mediator": {
            "fr": "Médiateur des communications électroniques, CS 30342, 94257 Gentilly Cedex,"
            " www.mediation-telecom.org",
            "en": "Médiateur des communications électroniques, CS 30342, 94257 Gentilly Cedex,"
            " France, www.mediation-telecom.org",
        },
    }
    return Seller(**{**given, **changes})


def person(**changes: Any) -> Party:
    given: dict[str, Any] = {
        "name": "Diane Mercier",
        "lines": ("14 rue des Filatures",),
        "postcode": "59800",
        "city": "Lille",
        "country": "FR",
        "kind": "individual",
        "email": "diane.mercier@example.org",
        "handle": HANDLE,
        "given_name": "Diane",
        "family_name": "Mercier",
    }
    return Party(**{**given, **changes})


def company(**changes: Any) -> Party:
    given: dict[str, Any] = {
        "name": "Atelier Belvaux SARL",
        "lines": ("1 rue de Rivoli", "Bâtiment C"),
        "postcode": "75001",
        "city": "Paris",
        "kind": "corporation",
        "company_number": "552081317",
        "establishment_number": "55208131766522",
        "vat_number": "FR03552081317",
        "email": "compta@belvaux.example",
        "electronic_address": "0225:552081317",
    }
    return person(**{**given, **changes})
