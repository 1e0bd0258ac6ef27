"""Settings of a Spirit forum: those of its own project template, with everything it writes in our folder."""

import os
from pathlib import Path

from spirit.extra.project_template.project_name.settings.base import *  # noqa: F403 - as its own projects do

FOLDER = Path(os.environ["VENUES_SITE_FOLDER"])
SECRET_KEY = "not-secret"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "spirit_urls"
ST_SITE_URL = "http://127.0.0.1/"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "forum.sqlite"}}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "st_rate_limit": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "spirit_rl_cache",
        "TIMEOUT": None,
    },
}
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
HAYSTACK_SIGNAL_PROCESSOR = "haystack.signals.BaseSignalProcessor"
STATIC_ROOT = FOLDER / "static"
MEDIA_ROOT = FOLDER / "media"
LOGGING = {}
