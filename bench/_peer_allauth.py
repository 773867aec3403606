"""
The peer of ``bench/peers``: django-allauth on Django's own pages, with the product's hash.

A Django project in one file. Passwords are hashed with the product's parameters by the package as
it comes; its limits by address are off, as the load comes from one.
"""

import os
from urllib.parse import urlsplit

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.wsgi import get_wsgi_application

_database = urlsplit(os.environ["PEER_DATABASE_URL"])


class SameCost(Argon2PasswordHasher):
    """Argon2id with the product's parameters."""

    memory_cost, time_cost, parallelism = 19456, 2, 1


DEBUG = False
SECRET_KEY = "known to everybody who reads this"
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
ROOT_URLCONF = "allauth.urls"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": _database.hostname,
        "PORT": _database.port,
        "USER": _database.username,
        "NAME": _database.path.lstrip("/"),
        "CONN_MAX_AGE": None,
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = [f"{__name__}.SameCost"]
USE_TZ = True
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

application = None
if os.environ.get("PEER_SERVES"):
    application = get_wsgi_application()
