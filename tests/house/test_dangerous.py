"""What the product never does, read off its source: each a way in that then needs no guard."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.names import names_of
from tests.house.tree import Module, product, with_more

FORBIDDEN = {
    "builtins that run text": {"eval", "exec", "compile", "__import__"},
    "programs started by a shell": {"os.system", "os.popen", "subprocess.getoutput", "commands"},
    "rows of objects that run what they hold": {
        *("pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "joblib"),
    },
    "XML, whose entities reach files and networks": {"xml", "lxml", "defusedxml", "xmlrpc"},
    "templates made of text": {
        *("django.template.Template", "django.template.base.Template", "jinja2", "string.Template"),
        "django.template.engine.Engine.from_string",
    },
    "directories and caches of other services": {
        *("ldap", "ldap3", "pymemcache", "memcache", "pylibmc", "redis"),
        *("django.core.cache.cache", "django.core.cache.caches"),
        "django.views.decorators.cache.cache_page",
    },
    "hashes and ciphers that are broken": {
        *("hashlib.md5", "hashlib.sha1", "hashlib.new", "crypt", "zlib.crc32", "binascii.crc32"),
        "cryptography.hazmat.primitives.ciphers.modes",
        "cryptography.hazmat.primitives.ciphers.algorithms",
        "cryptography.hazmat.primitives.asymmetric.padding",
        "cryptography.hazmat.decrepit",
        *("Crypto", "rsa", "ecdsa", "jwt", "jose"),
    },
    "numbers that can be foretold": {
        *("random.choice", "random.choices", "random.randint", "random.randrange"),
        *("random.getrandbits", "random.randbytes", "random.sample", "uuid.uuid1"),
        "django.utils.crypto.get_random_string",
    },
    "protection switched off": {
        "django.views.decorators.csrf.csrf_exempt",
        "ssl._create_unverified_context",
        "ssl.CERT_NONE",
        "urllib3.disable_warnings",
    },
    "files under names that can be guessed": {"tempfile.mktemp"},
}
ALLOWED = {
    ("nichandle.commerce.catalogue.reading.nodes", "yaml"): (
        "takes the parser's events alone, of which no object is made; tags and aliases are faults"
    ),
    ("nichandle.commerce.invoices.documents.cii", "lxml"): "writes the XML of invoices, reads none",
    ("nichandle.commerce.invoices.documents.container", "lxml"): (
        "reads what we have just written, with entities and network off"
    ),
    ("nichandle.commerce.invoices.documents.pruning", "lxml"): (
        "reads the rules of an installed package, in a process apart"
    ),
    ("nichandle.commerce.invoices.documents.saxon", "lxml"): (
        "reads what we have written, in a process apart, with entities and network off"
    ),
    ("nichandle.commerce.payments.statements.camt", "lxml"): (
        "reads a file of the operator's bank, with entities and network off and its size bounded"
    ),
    ("nichandle.commerce.payments.statements.columns", "yaml"): (
        "reads a file of the operator by the safe loader, which makes no objects"
    ),
    ("nichandle.identity.accounts.passwords.lists", "hashlib.sha1"): (
        "lists of breached passwords are published as such digests; nothing is protected by them"
    ),
    ("nichandle.commerce.orders.delivery.views", "django.views.decorators.csrf.csrf_exempt"): (
        "the operator's provisioning has no cookie: what it tells is proven by its signature"
    ),
    ("nichandle.commerce.payments.views.webhooks", "django.views.decorators.csrf.csrf_exempt"): (
        "providers have no cookie and no form: what they tell is proven by its signature"
    ),
}
OF_TEXT = FORBIDDEN["builtins that run text"]


def breaks(module: Module) -> Iterator[tuple[str, str]]:
    """Return what a module does of it, and why that is forbidden."""
    for reference in names_of(module).references:
        for why, names in FORBIDDEN.items():
            for name in names:
                if reference.name == name or reference.name.startswith(f"{name}."):
                    yield name, why
    for node in module.nodes:
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in OF_TEXT:
                yield node.func.id, "builtins that run text"
            if any(word.arg == "shell" and _true(word.value) for word in node.keywords):
                yield "shell=True", "programs started by a shell"
        if isinstance(node, ast.Attribute) and node.attr == "from_string":
            yield "from_string", "templates made of text"


def _true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and node.value is False)


def test_the_product_does_none_of_it():
    found = [(module.name, *each) for module in product() for each in breaks(module)]

    assert not [each for each in found if each[:2] not in ALLOWED]


def test_every_exception_is_needed():
    found = {(module.name, name) for module in product() for name, _why in breaks(module)}

    assert found == ALLOWED.keys()


@pytest.mark.parametrize(
    "more",
    [
        "eval(text)",
        "import os\nos.system('ls')",
        "import subprocess\nsubprocess.run('ls', shell=True)",
        "import pickle\npickle.loads(data)",
        "from xml.etree import ElementTree",
        "from django.template import Template\nTemplate(text)",
        "from django.template import engines\nengines['django'].from_string(text)",
        "from django.core.cache import cache\ncache.set('a', 1)",
        "import hashlib\nhashlib.md5(b'')",
        "from cryptography.hazmat.primitives.ciphers import modes\nmodes.ECB()",
        "from cryptography.hazmat.primitives.asymmetric import padding",
        "import random\nrandom.choice('abc')",
        "from django.views.decorators.csrf import csrf_exempt",
        "import ssl\nssl._create_unverified_context()",
    ],
)
def test_a_break_is_noticed(more):
    assert list(breaks(with_more("platform/kernel/tokens.py", more)))
