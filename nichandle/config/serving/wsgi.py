"""The web process's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from nichandle.platform.kernel.later import load

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nichandle.config.settings")
application = get_wsgi_application()
# Read before the first visitor comes and before processes are forked: they share it.
load()
_pages = get_resolver().url_patterns
# What was loaded stays for good: the collector need not walk it again and again.
gc.collect()
gc.freeze()
