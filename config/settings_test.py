"""The tests' settings: the ones of production, with plain static files and quick password hashes."""

import atexit
import os
import shutil
import tempfile

# Before the settings are read: nothing of a test may land in the folder of a real installation.
os.environ["VAR_DIR"] = tempfile.mkdtemp(prefix="floe-test-")
atexit.register(shutil.rmtree, os.environ["VAR_DIR"], ignore_errors=True)

from config.settings import *  # noqa: E402, F403  (those settings with a few changed)

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    # A file, so that the server and the worker that a test starts see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}  # noqa: F405
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECRET_KEY = "a key for tests only"  # noqa: S105  (nothing is signed with it outside tests)
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# What is kept for seconds would hide from one test what another has changed.
CACHES["seconds"] = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}  # noqa: F405
