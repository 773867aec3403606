"""Django's settings, computed from the operator's options."""

from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from django.utils.functional import lazy

from nichandle.config import database, options, production, secret
from nichandle.platform.kernel.wording.languages import own_name
from nichandle.platform.limits.catalogue import Limit

PACKAGE = Path(__file__).resolve().parent.parent
_read = options.read()
options.withhold()
OPTIONS = _read.values
DEMO = OPTIONS["mode"] == "demo"
BASE_URL = OPTIONS["base_url"] or f"http://localhost:{OPTIONS['port']}"
_site = urlsplit(BASE_URL)
production.refuse_unsafe(OPTIONS, given=_read.given, base_url=BASE_URL)

# What the rooms read: options under their own names.
NICHANDLE_MODE: str = OPTIONS["mode"]
NICHANDLE_HOST: str = OPTIONS["host"]
NICHANDLE_PORT: int = OPTIONS["port"]
NICHANDLE_TRUSTED_PROXIES: tuple[str, ...] = OPTIONS["trusted_proxies"]
NICHANDLE_MAIL_URL: str = OPTIONS["mail_url"]
NICHANDLE_MAIL_FROM: str = OPTIONS["mail_from"]
NICHANDLE_BRAND: str = OPTIONS["brand"]
NICHANDLE_SUFFIX: str = OPTIONS["suffix"]
NICHANDLE_RESERVED_PAIRS: tuple[str, ...] = OPTIONS["reserved_pairs"]
NICHANDLE_ACCENT: str = OPTIONS["accent"]
NICHANDLE_LOGO: str = OPTIONS["logo"]
NICHANDLE_SUPPORT_URL: str = OPTIONS["support_url"]
NICHANDLE_SECURITY_CONTACT: str = OPTIONS["security_contact"]
NICHANDLE_TERMS_URL: str = OPTIONS["terms_url"]
NICHANDLE_TERMS_VERSION: str = OPTIONS["terms_version"]
NICHANDLE_CATALOGUE_FILE: str = OPTIONS["catalogue_file"]
NICHANDLE_SELLER_FILE: str = OPTIONS["seller_file"]
NICHANDLE_COUNTRY: str = OPTIONS["country"]
NICHANDLE_TIME_ZONE: str = OPTIONS["time_zone"]
NICHANDLE_PAYMENT_MEANS: tuple[str, ...] = OPTIONS["payment_means"]
NICHANDLE_STRIPE_KEY: str = OPTIONS["stripe_key"]
NICHANDLE_STRIPE_WEBHOOK_SECRET: str = OPTIONS["stripe_webhook_secret"]
NICHANDLE_STRIPE_URL: str = OPTIONS["stripe_url"]
NICHANDLE_REFUSE_DISPOSABLE: bool = OPTIONS["refuse_disposable"]
NICHANDLE_DNS_LOOKUPS: bool = OPTIONS["dns_lookups"]
NICHANDLE_PASSWORD_FILTER: str = OPTIONS["password_filter"]
NICHANDLE_SESSION_IDLE_MINUTES: timedelta = OPTIONS["session_idle_minutes"]
NICHANDLE_SESSION_STAY_DAYS: timedelta = OPTIONS["session_stay_days"]
NICHANDLE_SESSION_LONGEST_DAYS: timedelta = OPTIONS["session_longest_days"]
NICHANDLE_TRUST_DAYS: timedelta = OPTIONS["trust_days"]
NICHANDLE_LIMITS: dict[str, Limit] = OPTIONS["limits"]
NICHANDLE_REQUIRE_FACTOR: bool = OPTIONS["require_factor"]
NICHANDLE_STAFF_KEY: tuple[str, ...] = OPTIONS["staff_key"]
NICHANDLE_DELIVERY_URL: str = OPTIONS["delivery_url"]
NICHANDLE_VIES_URL: str = OPTIONS["vies_url"]
NICHANDLE_DELIVERY_SECRET: tuple[str, ...] = OPTIONS["delivery_secret"]
NICHANDLE_MAINTENANCE: bool = OPTIONS["maintenance"]
NICHANDLE_WEB_PROCESSES: int = OPTIONS["web_processes"]
NICHANDLE_WEB_THREADS: int = OPTIONS["web_threads"]
NICHANDLE_DATA: Path = secret.data_folder(OPTIONS["data"])

SECRET_KEY = secret.server_secret(OPTIONS["secret_key"], production=not DEMO, data=NICHANDLE_DATA)
SECRET_KEY_MADE = DEMO and not OPTIONS["secret_key"]
SECRET_KEY_FALLBACKS = list(OPTIONS["secret_key_old"])
DEBUG = False
_host = _site.hostname or "localhost"
ALLOWED_HOSTS = [f"[{_host}]" if ":" in _host else _host]
if DEMO:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "nichandle.platform.kernel",
    "nichandle.platform.ui",
    "nichandle.platform.installation",
    "nichandle.platform.jobs",
    "nichandle.platform.audit",
    "nichandle.platform.limits",
    "nichandle.platform.outbox",
    "nichandle.identity.handles",
    "nichandle.identity.notme",
    "nichandle.identity.accounts",
    "nichandle.identity.pauses",
    "nichandle.identity.staff",
    "nichandle.identity.cases",
    "nichandle.identity.factors",
    "nichandle.identity.signin",
    "nichandle.identity.signup",
    "nichandle.identity.emailchange",
    "nichandle.identity.recovery",
    "nichandle.commerce.catalogue",
    "nichandle.commerce.services",
    "nichandle.commerce.invoices",
    "nichandle.commerce.contacts",
    "nichandle.commerce.payments",
    "nichandle.commerce.orders",
    "nichandle.support.tickets",
    "nichandle.sites.area",
    "nichandle.sites.desk",
    "nichandle.config",
    # The templates of form fields; last, so that a room may have its own.
    "django.forms",
]

# Outermost first: the edge makes the request true before anything reads it.
MIDDLEWARE = [
    "nichandle.config.serving.edge.edge",
    "nichandle.config.serving.refusals.refusals",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "nichandle.identity.signin.sessions.middleware.SigninMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "nichandle.config.urls"
AUTH_USER_MODEL = "accounts.Account"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "nichandle.platform.ui.context.frame",
            ],
            "builtins": ["django.templatetags.i18n", "nichandle.platform.ui.templatetags.ui"],
        },
    },
]
FORM_RENDERER = "nichandle.platform.ui.forms.Renderer"

DATABASES = {"default": database.parse(OPTIONS["database_url"], data=NICHANDLE_DATA)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["nichandle.identity.accounts.passwords.hashers.Argon2"]

# Their names are looked up by the first page that offers them.
_named = lazy(own_name, str)
LANGUAGES = [(code, _named(code)) for code in OPTIONS["languages"]]
LANGUAGE_CODE = LANGUAGES[0][0]
LOCALE_PATHS = [PACKAGE / "locale"]
FORMAT_MODULE_PATH = "nichandle.platform.ui.formats"
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = NICHANDLE_DATA / "static"
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_MIMETYPES = {".svg": "image/svg+xml; charset=utf-8"}
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

MESSAGE_STORAGE = "nichandle.platform.ui.pages.Messages"
MESSAGES_COOKIE_NAME = "messages"
SESSION_ENGINE = "nichandle.identity.signin.sessions.store"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "session", "csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE: Literal["Lax"] = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "nichandle.platform.ui.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _site.scheme == "https"
if SESSION_COOKIE_SECURE:
    # The prefix makes browsers refuse a cookie planted from a neighbouring host or over http.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    LANGUAGE_COOKIE_NAME, MESSAGES_COOKIE_NAME = "__Host-language", "__Host-messages"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    CSRF_TRUSTED_ORIGINS = [BASE_URL]
SILENCED_SYSTEM_CHECKS = [
    "security.W002",  # frame-ancestors in our policy does what X-Frame-Options did
    "security.W005",  # other names of the operator's domain are not ours to decide about,
    "security.W021",  # nor is the browsers' own list
    "security.W008",  # the proxy that ends TLS redirects
    "security.W009",  # the secret is checked when it is read, by our own measure,
    "security.W025",  # and so were those used before it
]
LOGIN_URL = "signin:signin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 4
FILE_UPLOAD_HANDLERS = ["nichandle.platform.kernel.uploads.Guarded"]
UPLOAD_PAGES = ("/procedure/case/",)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "nichandle.config.serving.journal.Discreet",
            "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    # A form sent back or a page not found is no news; what broke is.
    "loggers": {"nichandle": {"level": "INFO"}, "django.request": {"level": "ERROR"}},
}
