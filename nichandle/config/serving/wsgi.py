"""The web process's entry."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nichandle.config.settings")
application = get_wsgi_application()
# What was loaded stays for good: the collector need not walk it again and again.
gc.collect()
gc.freeze()
