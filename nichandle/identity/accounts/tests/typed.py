"""What people type into the form of their details."""

from hypothesis import strategies as st

from nichandle.identity.accounts import countries
from nichandle.identity.accounts.rules import rules_for, validate

COUNTRIES = sorted(countries.codes())

PARIS = {
    "given_name": "Diane",
    "family_name": "Mercier",
    "address": "12 rue des Lilas",
    "postcode": "75020",
    "city": "Paris",
    "phone": "06 12 34 56 78",
}

COMPANY = {
    **PARIS,
    "organisation": "Boulangerie Mercier",
    "corporation_type": "SARL",
    "company_number": "732 829 320 00074",
    "vat_number": "FR44732829320",
}


def check(values, *, country="FR", kind="individual"):
    return validate(values, rules_for(country=country, kind=kind), country=country)


KEYBOARD = st.text(
    st.one_of(
        st.characters(max_codepoint=0x17F, exclude_categories=["Cs"]),
        st.sampled_from("ßŉǰﬁﷺ㍿㈱０９１٣７－–\u00a0\u202f\u200d王あü'’./+()"),
    ),
    max_size=200,
)
