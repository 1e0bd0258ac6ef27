"""Settings of a Misago forum: those of the project that comes with it, on the PostgreSQL of the tests."""

import os
from pathlib import Path

from devproject.settings import *  # noqa: F403 - as its own projects do

FOLDER = Path(os.environ["VENUES_SITE_FOLDER"])
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["VENUES_POSTGRES"],  # a folder: the socket is in it
        "NAME": "postgres",
        "USER": "postgres",
    }
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT = FOLDER / "static"
MEDIA_ROOT = FOLDER / "media"
MISAGO_AVATAR_GALLERY = None
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "loggers": {"django.request": {"handlers": ["console"]}},
}
