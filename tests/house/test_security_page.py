"""The operators' page on security lists what the code has: tables, keys, ways out, loggers."""

import re

import pytest
from django.apps import apps

from nichandle.identity.cases.papers import renderer, uploads
from tests.house.names import names_of
from tests.house.tree import ROOT, Module, literal_calls, product, with_more

PAGE = (ROOT / "docs" / "operators" / "security.md").read_text("utf-8")
LEVELS = ("secret", "identity", "personal", "evidence", "technical")
CRYPTOGRAPHY = (
    "hashlib",
    "hmac",
    "secrets",
    "cryptography",
    "os.urandom",
    "webauthn",
    "pyotp",
    "ssl",
)
CRYPTOGRAPHY_OF_DJANGO = (
    "django.contrib.auth.hashers",
    "django.core.signing",
    "django.utils.crypto",
)
OUTSIDE = {
    *("smtplib", "urllib.request", "http.client", "ftplib", "poplib", "imaplib", "telnetlib"),
    *("requests", "httpx", "aiohttp", "urllib3", "dns", "paramiko", "xmlrpc", "webbrowser"),
    *("socket.create_connection", "socket.socket", "asyncio.open_connection", "psycopg.connect"),
    *("email_validator.validate_email", "email_validator.caching_resolver"),
}
WAYS_OUT = {
    "nichandle.config.installation.engines": "the database, for a copy of it",
    "nichandle.platform.outbox.transports": "the operator's mail server",
    "nichandle.identity.accounts.domains": "the machine's resolver, when the operator allows it",
    "nichandle.platform.kernel.addresses": "syntax alone: deliverability is not asked for",
    "nichandle.commerce.orders.delivery.asking": "the operator's own provisioning",
    "nichandle.commerce.invoices.vies.register": "VIES, where the operator names it",
    "nichandle.config.serving.gate": "answers on connections that others made",
    "nichandle.config.serving.listening": "listens on our own port",
    "nichandle.config.serving.start": "listens on our own port for a moment",
    "nichandle.config.serving.supervisor": "asks our own first page",
}


def section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def uses(module: Module, *names: str) -> bool:
    found = {reference.name for reference in names_of(module).references}
    return any(one == name or one.startswith(f"{name}.") for one in found for name in names)


def test_every_table_has_its_level_and_every_level_its_rules():
    text = section("Data, and how each kind is protected")
    rules, _, tables = text.partition("| level | tables |")
    rows = dict(re.findall(r"^\| (\w+) \| (`.*`) \|$", tables, re.MULTILINE))
    named = [name for row in rows.values() for name in re.findall(r"`(\w+)`", row)]

    assert tuple(rows) == LEVELS
    assert [level for level in LEVELS if f"| **{level}** |" not in rules] == []
    # Tests that run in the same process may have models of their own, which nobody migrates.
    assert sorted(named) == sorted(
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    )


def test_every_use_of_cryptography_is_in_the_inventory():
    text = section("Keys")
    listed = set(re.findall(r"`(nichandle/[\w/]+\.py)`", text))
    used = {
        module.where for module in product() if uses(module, *CRYPTOGRAPHY, *CRYPTOGRAPHY_OF_DJANGO)
    }

    assert used - listed == set(), "say on the page what for, and what may be protected by it"
    assert listed - used == set(), "it is used no more"


def test_a_use_of_cryptography_is_noticed():
    assert uses(with_more("platform/kernel/paging.py", "import hmac as h\nh.new(b'')"), "hmac")
    assert not uses(with_more("platform/kernel/paging.py", ""), *CRYPTOGRAPHY)


def test_the_product_speaks_to_nobody_else():
    found = {module.name for module in product() if uses(module, *OUTSIDE)}

    assert found == WAYS_OUT.keys()
    text = section("Ways out")
    for words in (
        "NICHANDLE_MAIL_URL",
        "NICHANDLE_DNS_LOOKUPS",
        "NICHANDLE_VIES_URL",
        "the database",
    ):
        assert words in text


@pytest.mark.parametrize(
    "more",
    [
        "import urllib.request as u\nu.urlopen(address)",
        "from http.client import HTTPSConnection",
        "import socket\nsocket.create_connection((host, 80))",
        "import asyncio\nasyncio.open_connection(host, 80)",
    ],
)
def test_another_way_out_is_noticed(more):
    assert uses(with_more("platform/kernel/paging.py", more), *OUTSIDE)


def test_every_logger_is_in_the_inventory():
    listed = set(re.findall(r"^\| `([\w.]+)` \|", section("Logs"), re.MULTILINE))

    assert literal_calls("getLogger").keys() - listed == set()


def test_what_is_said_of_files_is_what_is_done():
    text = section("Files people send")

    assert f"{uploads.LARGEST // 2**20} MB each" in text
    assert f"{uploads.MOST} and\n{uploads.MOST_TOGETHER // 2**20} MB together" in text
    assert f"{renderer.PAGES} pages" in text
    assert {kind.upper() for kind in renderer.SIGNATURES.values()} == {"JPEG", "PNG", "PDF"}
    assert "JPEG, PNG and PDF" in text
