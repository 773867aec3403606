"""
The doors of the house: where requests, forms, commands and the clock come in.

Every module that is not listed here is domain, at whatever depth of folders it lies. What stands
below as an exception is needed: a test fails on one that is not.
"""

DOORS = {
    "views": "pages",
    "forms": "what people type",
    "urls": "which page answers where",
    "http": "cookies, and what a request carries for this room",
    "middleware": "what happens to every request",
    "context": "what every template may use",
    "management": "the command line",
    "templatetags": "words that templates use",
}
"""Files and folders of these names, in any room and in any folder of one."""

NAMED_DOORS = {
    "nichandle.config.commandline": "the command `nichandle`: its names and exit codes",
    "nichandle.config.serving.edge": "the first and last to see a request",
    "nichandle.config.serving.gate": "the web server: all connections of a process",
    "nichandle.config.serving.gateway": "the web server: calls the application",
    "nichandle.config.serving.listening": "the web server: its processes",
    "nichandle.config.serving.visitors": "the web server: one connection",
    "nichandle.config.serving.wire": "the web server: HTTP as it goes over the wire",
    "nichandle.config.serving.journal": "leaves out of the log what a request carries",
    "nichandle.config.serving.health": "two pages for machines",
    "nichandle.config.serving.refusals": "notes what people tried and may not",
    "nichandle.config.serving.start": "what `serve` does first, with Django's own commands",
    "nichandle.config.serving.wsgi": "what the web server calls",
    "nichandle.identity.signin.reauthentication.fresh": "keeps a request until a fresh sign-in",
    "nichandle.identity.signin.sessions.store": "sessions as Django wants to be given them",
    "nichandle.identity.signup.cookie": "the cookie of a creation",
    "nichandle.platform.kernel.uploads": "takes the files of a request",
    "nichandle.platform.ui.converters": "what stands in addresses",
    "nichandle.platform.ui.errors": "the pages of errors",
    "nichandle.platform.ui.language": "the cookie of the language, and the way back",
    "nichandle.platform.ui.meaning": "asks what one means, on the page of a mailed link",
    "nichandle.platform.ui.pages": "answers with a page around a form",
    "nichandle.platform.ui.spreadsheets": "answers with a list as a file",
}
"""Doors whose names say what they are and not that they are doors."""

HTTP = (
    "django.conf.urls",
    "django.contrib.auth.decorators",
    "django.contrib.auth.forms",
    "django.contrib.auth.middleware",
    "django.contrib.auth.views",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.core.asgi",
    "django.core.files.uploadedfile",
    "django.core.files.uploadhandler",
    "django.core.handlers",
    "django.core.management",
    "django.core.servers",
    "django.core.wsgi",
    "django.forms",
    "django.http",
    "django.middleware",
    "django.shortcuts",
    "django.template",
    "django.test",
    "django.urls",
    "django.utils.cache",
    "django.views",
    "http",
    "socketserver",
    "wsgiref",
)
"""What only doors know: requests, pages, forms, addresses, commands."""

DOMAIN_MAY = {
    ("nichandle.platform.kernel.act", "django.http.HttpRequest"): (
        "`Act.of` reads an act off a request and the clock, so that no door has to know how"
    ),
    ("nichandle.platform.kernel.origin", "django.http.HttpRequest"): (
        "`Origin.of` reads an origin off a request, so that no door has to know how"
    ),
    ("nichandle.platform.outbox.rendering", "django.template.loader.render_to_string"): (
        "a mail is written with templates; the worker does it, where there is no request"
    ),
    ("nichandle.platform.outbox.rendering", "django.template.loader.get_template"): (
        "its subject and its text are no HTML, and `render_to_string` cannot leave escaping out"
    ),
    ("nichandle.platform.outbox.rendering", "django.template.Context"): "for the same reason",
}

SHARED_FORMS = {
    "nichandle.commerce.services.forms": "services are filtered alike wherever they are listed",
}
"""Forms of rooms with pages of their own, which pages of other rooms show too."""

READS_TABLES = {
    ("nichandle.identity.accounts.letterhead", "handles_handle"): (
        "a mail names the account by its identifier, read with it between hash and session"
    ),
    ("nichandle.identity.accounts.credentials", "handles_handle"): (
        "signing in finds an account by its identifier in one statement (ADR 8)"
    ),
    ("nichandle.identity.signin.sessions.queries", "accounts_account"): (
        "each page pays for the statement that finds its session and its account (ADR 8)"
    ),
    ("nichandle.identity.signin.sessions.queries", "handles_handle"): (
        "each page shows the identifier, and pays for the statement that finds it (ADR 8)"
    ),
}
"""Hand-written statements that read what another room owns; none writes it."""

READS_THE_CLOCK = {
    "nichandle.platform.kernel.act": "`Act.of` is how doors bring the time",
    "nichandle.config.serving.health": "asks whether the worker lives now",
    "nichandle.identity.signin.reauthentication.fresh": "is a door that no view stands before",
    "nichandle.identity.signin.sessions.store": "is called by Django, which brings no time",
    "nichandle.platform.jobs.worker": "where all work for later comes in",
}
CLOCK_DOORS = {"views", "http", "middleware", "context", "management", "templatetags"}
"""Doors at which the time is read, besides those: forms and addresses have no need of it."""

IMPORTS_BY_NAME = {
    "nichandle.commerce.invoices.documents.judging": "asks where rules lie; imports nothing",
    "nichandle.commerce.invoices.documents.saxon": "asks where rules lie; imports nothing",
    "nichandle.config.apps": "looks for every room's receivers",
    "nichandle.config.cli": "imports the rest only when `serve` has begun anew",
    "nichandle.config.demo": "looks for every room's demo data",
    "nichandle.config.installation.backup": "asks which version is installed, and imports nothing",
    "nichandle.platform.kernel.later": "puts libraries off, whose names a rule reads at each call",
    "nichandle.platform.kernel.wording.figures": "looks up what a room declares by its name",
    "nichandle.config.reference": "imports every room, to list what there is",
    "nichandle.platform.jobs.apps": "looks for every room's jobs",
}
"""Who imports what no import statement names, and why import-linter need not see it."""
