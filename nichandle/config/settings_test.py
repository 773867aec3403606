"""Settings of the test command: the product's own, on throw-away data."""

import atexit
import os
import shutil
import tempfile

os.environ["NICHANDLE_MODE"] = "demo"
os.environ["NICHANDLE_DATA"] = tempfile.mkdtemp(prefix="nichandle-test-")
atexit.register(shutil.rmtree, os.environ["NICHANDLE_DATA"], ignore_errors=True)
os.environ["NICHANDLE_DATABASE_URL"] = os.environ.get("NICHANDLE_TEST_DATABASE_URL", "")
os.environ["NICHANDLE_SECRET_KEY"] = "known to everybody who reads this"  # noqa: S105 - of the tests

from nichandle.config.settings import *  # noqa: E402, F403 - the environment must be set before

PASSWORD_HASHERS = ["tests.support.hashers.CheapArgon2"]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# Static files are served from where they stand: nothing is collected for a test.
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405 - comes with the star
    # A file in WAL mode, as in real life: an in-memory database has no second connection.
    DATABASES["default"]["TEST"] = {"NAME": NICHANDLE_DATA / "test.sqlite3"}  # noqa: F405 - star
