"""
Every setting an operator can make: one entry each, read from the environment.

The operators' page ``docs/operators/settings.md`` is generated from this list. Each variable may
also be given as ``NAME_FILE``, the path of a file that holds the value.
"""

import os
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from nichandle.config.values import (
    MOST_BY_DEFAULT,
    Choice,
    contact,
    count,
    country,
    days,
    endpoint,
    flag,
    languages,
    mail_server,
    means_of_payment,
    minutes,
    networks,
    path,
    port,
    processes,
    staff_roles,
    suffix,
    text,
    time_zone,
    web_address,
    words,
)
from nichandle.platform.limits import catalogue


class SettingWrong(Exception):
    """A setting cannot be used; the text is a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Option:
    """One setting: its variable, how the text is read, what it is when not given, what it does."""

    name: str
    read: Callable[[str], Any]
    default: str
    sentence: str
    secret: bool = False

    @property
    def key(self) -> str:
        return self.name.removeprefix("NICHANDLE_").lower()


limits = catalogue.changed

OPTIONS: tuple[Option, ...] = (
    Option(
        "NICHANDLE_MODE",
        Choice("demo", "production"),
        "demo",
        "demo shows demo data and a mail viewer; production refuses every unsafe setting.",
    ),
    Option("NICHANDLE_HOST", text, "127.0.0.1", "Address the web server listens on."),
    Option("NICHANDLE_PORT", port, "8000", "Port the web server listens on."),
    Option(
        "NICHANDLE_BASE_URL",
        web_address,
        "",
        "Address at which customers reach the product; unset means http://localhost:PORT. When it "
        "begins with https, cookies are marked secure and browsers told to come by https only.",
    ),
    Option(
        "NICHANDLE_DATA",
        path,
        "./var",
        "Folder for what the product keeps beside the database: demo mails, filters, its secret.",
    ),
    Option(
        "NICHANDLE_DATABASE_URL",
        text,
        "",
        "sqlite:///path or postgresql://user:password@host:port/name; unset means SQLite in the "
        "data folder.",
        secret=True,
    ),
    Option(
        "NICHANDLE_SECRET_KEY",
        text,
        "",
        "The server's secret, at least 32 random characters. Demo mode makes one in the data "
        "folder; production must be given one. All keys are derived from it.",
        secret=True,
    ),
    Option(
        "NICHANDLE_SECRET_KEY_OLD",
        words,
        "",
        "Secrets used before, newest first, separated by commas: what they sealed can still be "
        "read while everything moves to the new one.",
        secret=True,
    ),
    Option(
        "NICHANDLE_TRUSTED_PROXIES",
        networks,
        "",
        "Networks of the proxies in front, such as 10.0.0.0/8: only from them is X-Forwarded-For "
        "believed.",
    ),
    Option(
        "NICHANDLE_MAIL_URL",
        mail_server,
        "",
        "smtp://user:password@host:port, smtps://… for TLS from the start, ?starttls=1 for TLS "
        "after the greeting; unset in demo mode means the mail viewer at /mail/.",
        secret=True,
    ),
    Option(
        "NICHANDLE_MAIL_FROM",
        text,
        "Nichandle <no-reply@localhost>",
        "Sender of every mail.",
    ),
    Option("NICHANDLE_BRAND", text, "Nichandle", "The provider's name, on pages and in mails."),
    Option(
        "NICHANDLE_SUFFIX", suffix, "OVH", "Suffix of the identifiers issued here, 2 to 5 letters."
    ),
    Option(
        "NICHANDLE_RESERVED_PAIRS",
        words,
        "",
        "Pairs of letters no identifier may begin with, besides those of the product.",
    ),
    Option(
        "NICHANDLE_ACCENT", text, "#2447d6", "The accent colour of pages and mails, as #rrggbb."
    ),
    Option("NICHANDLE_LOGO", text, "", "Path of an SVG or PNG file shown beside the brand."),
    Option(
        "NICHANDLE_SUPPORT_URL",
        text,
        "",
        "Where a customer finds help: an https address or mailto:; shown on error pages.",
    ),
    Option(
        "NICHANDLE_SECURITY_CONTACT",
        contact,
        "",
        "Whom to tell of a weakness, as mailto:… or https://…: published at "
        "/.well-known/security.txt (RFC 9116).",
    ),
    Option(
        "NICHANDLE_TERMS_URL",
        text,
        "",
        "Where the terms of the services can be read: shown to whoever takes a service over.",
    ),
    Option(
        "NICHANDLE_TERMS_VERSION",
        text,
        "",
        "Name or date of the terms in force: kept with each acceptance.",
    ),
    Option(
        "NICHANDLE_CATALOGUE_FILE",
        text,
        "",
        "Path of the YAML file that says what can be ordered (docs/operators/catalogue.md), read "
        "anew within a minute of a change. Unset, demo mode sells a catalogue of its own and "
        "production sells nothing.",
    ),
    Option(
        "NICHANDLE_SELLER_FILE",
        text,
        "",
        "Path of the TOML file that says who sells (docs/operators/seller.md), read when a process "
        "starts. Unset, demo mode has a seller of its own and production issues no invoice.",
    ),
    Option(
        "NICHANDLE_LANGUAGES",
        languages,
        "fr,en",
        "Languages of pages and mails, in the order in which they are offered; the first is spoken "
        "to whoever asks for none of them.",
    ),
    Option("NICHANDLE_COUNTRY", country, "FR", "Country offered first, as an ISO 3166 code."),
    Option(
        "NICHANDLE_TIME_ZONE",
        time_zone,
        "Europe/Paris",
        "Time zone of new accounts, and of pages seen without signing in.",
    ),
    Option(
        "NICHANDLE_PAYMENT_MEANS",
        means_of_payment,
        "stripe,transfer,test",
        "Means of payment in the order in which they are offered, where they are set up: stripe "
        "needs its key, transfer the IBAN of the seller; test, with which no money moves, is there "
        "in demo mode only, and production refuses to start when it is named.",
    ),
    Option(
        "NICHANDLE_STRIPE_KEY",
        text,
        "",
        "The secret or restricted key of your account at Stripe: payments are taken on its page.",
        secret=True,
    ),
    Option(
        "NICHANDLE_STRIPE_WEBHOOK_SECRET",
        text,
        "",
        "The signing secret of Stripe's webhook endpoint for /webhooks/stripe.",
        secret=True,
    ),
    Option(
        "NICHANDLE_STRIPE_URL",
        web_address,
        "https://api.stripe.com",
        "Where Stripe's API is; another address only for a stand-in, and never in production.",
    ),
    Option(
        "NICHANDLE_REFUSE_DISPOSABLE",
        flag,
        "yes",
        "Refuse throw-away e-mail domains when an account is created.",
    ),
    Option(
        "NICHANDLE_DNS_LOOKUPS",
        flag,
        "no",
        "Ask the DNS whether an e-mail domain receives mail.",
    ),
    Option(
        "NICHANDLE_PASSWORD_FILTER",
        text,
        "",
        "Path of a filter made by `nichandle passwords build`; unset means passwords.bloom in the "
        "data folder, if it is there.",
    ),
    Option(
        "NICHANDLE_SESSION_IDLE_MINUTES",
        minutes,
        "30",
        "A session without « stay signed in » ends after this long without use.",
    ),
    Option(
        "NICHANDLE_SESSION_STAY_DAYS",
        days,
        "14",
        "A session with « stay signed in » ends after this long without use.",
    ),
    Option(
        "NICHANDLE_SESSION_LONGEST_DAYS",
        days,
        "30",
        "Every session ends this long after signing in, however much it is used.",
    ),
    Option(
        "NICHANDLE_TRUST_DAYS",
        days,
        "30",
        "A browser trusted at the second step is asked for no factor for this long.",
    ),
    Option(
        "NICHANDLE_LIMITS",
        limits,
        "",
        "Limits other than those of `reference.md`, by name, count and minutes, hours or days: "
        "`signup.network=60/1h, contact.invite=50/1d`.",
    ),
    Option(
        "NICHANDLE_REQUIRE_FACTOR",
        flag,
        "no",
        "Everybody must have a second factor: whoever has none sees only, after signing in, the "
        "pages that set one up.",
    ),
    Option(
        "NICHANDLE_STAFF_KEY",
        staff_roles,
        "reviewer",
        "Roles of your staff that sign in with a password and a security key; production insists "
        "on reviewer, demo mode may leave the list empty.",
    ),
    Option(
        "NICHANDLE_DELIVERY_URL",
        endpoint,
        "",
        "Your provisioning, which is asked to deliver what was paid; see "
        "[delivery.md](delivery.md). Unset, the demo delivers by itself, and production waits for "
        "`nichandle order deliver`.",
    ),
    Option(
        "NICHANDLE_DELIVERY_SECRET",
        words,
        "",
        "What signs the messages to and from your provisioning; the first one signs, and those "
        "after it are still believed while you change it.",
        secret=True,
    ),
    Option(
        "NICHANDLE_VIES_URL",
        endpoint,
        "",
        "The register that is asked whether VAT numbers of other member states exist: "
        "`https://ec.europa.eu/taxation_customs/vies/rest-api/check-vat-number`. Unset, none is "
        "confirmed and everybody there pays VAT; the demo has a stand-in.",
    ),
    Option(
        "NICHANDLE_MAINTENANCE",
        flag,
        "no",
        "Answer every page with the maintenance page (503).",
    ),
    Option(
        "NICHANDLE_WEB_PROCESSES",
        processes,
        "",
        "Web processes that `nichandle serve` starts; unset means one for each core it may use, "
        f"{MOST_BY_DEFAULT} at most.",
    ),
    Option("NICHANDLE_WEB_THREADS", count, "4", "Threads of each web process."),
)


class Read(NamedTuple):
    """The settings as read: values by key, and the names that were given."""

    values: dict[str, Any]
    given: frozenset[str]


def read(environment: Mapping[str, str] = os.environ) -> Read:
    """
    Read every option from the environment.

    :raises SettingWrong: naming the variable and what is expected
    """
    values: dict[str, Any] = {}
    given = set()
    for option in OPTIONS:
        found = _find(option.name, environment)
        if found is not None:
            given.add(option.name)
        try:
            values[option.key] = option.read(option.default if found is None else found)
        except ValueError as reason:
            shown = "something else" if option.secret else f"“{found}”"
            raise SettingWrong(f"{option.name} {reason}; it is {shown}.") from reason
    _refuse_unknown(environment)
    return Read(values, frozenset(given))


def withhold(environment: MutableMapping[str, str] = os.environ) -> None:
    """
    Take the secrets out of the environment once they are read.

    Nothing that shows or hands on a whole environment can show them then: a page for debugging, a
    mail about an error, a program that is started. Processes of ours are given ``for_ours``.
    """
    for option in OPTIONS:
        for name in (option.name, f"{option.name}_FILE"):
            if option.secret and name in environment:
                _withheld[name] = environment.pop(name)


def for_ours(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment for a process of the product, secrets and all."""
    return {**_withheld, **environment}


_withheld: dict[str, str] = {}


def _find(name: str, environment: Mapping[str, str]) -> str | None:
    file = environment.get(f"{name}_FILE")
    if file is None:
        return environment.get(name)
    if name in environment:
        raise SettingWrong(f"{name} and {name}_FILE are both given: keep one.")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as reason:
        raise SettingWrong(f"{name}_FILE names {file}, which cannot be read: {reason}.") from reason


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    known = {option.name for option in OPTIONS} | {"NICHANDLE_TEST_DATABASE_URL"}
    for name in sorted(environment):
        if name.startswith("NICHANDLE_") and not {name, name.removesuffix("_FILE")} & known:
            raise SettingWrong(f"{name} is not a setting; see docs/operators/settings.md.")
