"""Settings of Mailman's web interface: its own, without the mail server behind it and without style sheets."""

import os
from pathlib import Path

from mailman_web.settings.base import *  # noqa: F403 - as its own projects do
from mailman_web.settings.mailman import *  # noqa: F403

FOLDER = Path(os.environ["VENUES_SITE_FOLDER"])
SECRET_KEY = "not-secret"
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "archives.sqlite"}}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
Q_CLUSTER = {"orm": "default", "sync": True, "timeout": 60, "retry": 90}
COMPRESS_ENABLED = COMPRESS_OFFLINE = False
COMPRESS_PRECOMPILERS = ()
STATIC_ROOT = FOLDER / "static"
LOGGING = {}
