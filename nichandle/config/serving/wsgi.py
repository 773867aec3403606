"""What the web server calls."""

import gc
import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from nichandle.platform.kernel.later import load


def whole() -> WSGIHandler:
    """
    Return the application with all that it will ever read.

    Made when the static files are gathered, which it lists once; before visitors come and before
    processes are forked, which share what was read.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nichandle.config.settings")
    made = get_wsgi_application()
    load()
    assert get_resolver().url_patterns
    # What was loaded stays for good: the collector need not walk it again and again.
    gc.collect()
    gc.freeze()
    return made
