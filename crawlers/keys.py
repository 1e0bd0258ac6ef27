"""How a user's keys reach requests: as httpx.Auth by host, and in no other way.

A key is no setting of a site, so it is in no site's name, no address, no store; it goes into headers, to its own host,
over https only. A host whose key is not set is not asked at all.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from base64 import b64encode
from typing import TYPE_CHECKING

import httpx

from crawlers.contract import NeedsKey
from crawlers.fetching import LOG_IN, fault_of
from crawlers.parsing import dig
from venues.errors import CrawlError, PageChanged, SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping
    from datetime import datetime

TOKEN_URL = "https://www.reddit.com/api/v1/access_token"  # noqa: S105 - an address
_EARLY = 60.0
"""Seconds before its end at which a token is renewed: a request may be under way as long."""
_AGAIN = 60.0
"""Seconds after a log-in that failed before another is tried."""

HEADERS = {
    "youtube.googleapis.com": ("youtube_key", "x-goog-api-key"),
    "api.search.brave.com": ("brave_key", "x-subscription-token"),
    "api.charitycommission.gov.uk": ("charity_key", "ocp-apim-subscription-key"),
}
"""Hosts whose key is sent as it is: the setting, and the header."""


NEEDED = {
    "reddit": ("reddit_id", "reddit_secret"),
    "youtube": ("youtube_key",),
    "brave": ("brave_key",),
    "charity": ("charity_key",),
    "podcastindex": ("podcastindex_key", "podcastindex_secret"),
}
"""By platform, the settings without which it is not asked."""


def missing_for(platform: str, keys: Mapping[str, str]) -> list[str]:
    """Return the environment variables that have to be set before a platform is asked."""
    return [_variable(name) for name in NEEDED.get(platform, ()) if not keys.get(name)]


def auths_from(keys: Mapping[str, str]) -> dict[str, httpx.Auth]:
    """Return how to log in at each host that needs a key; where none is set, what refuses to ask.

    `keys` are settings by name. Raises SettingsError, which never shows a key, for one that is unusable or half there.
    """
    auths: dict[str, httpx.Auth] = {
        host: HeaderKey(header, key) if (key := _usable(keys, name)) else NoKey(_variable(name))
        for host, (name, header) in HEADERS.items()
    }
    reddit = _pair(keys, "reddit_id", "reddit_secret")
    auths["oauth.reddit.com"] = RedditLogIn(*reddit) if reddit else NoKey("VENUES_REDDIT_ID, VENUES_REDDIT_SECRET")
    pair = _pair(keys, "podcastindex_key", "podcastindex_secret")
    missing = NoKey("VENUES_PODCASTINDEX_KEY, VENUES_PODCASTINDEX_SECRET")
    auths["api.podcastindex.org"] = PodcastIndexKey(*pair) if pair else missing
    return auths


def _variable(name: str) -> str:
    return f"VENUES_{name.upper()}"


def _usable(keys: Mapping[str, str], name: str) -> str:
    """Return a key that a header can carry: what cannot would be shown, key and all, in the fault it causes."""
    key = keys.get(name, "").strip()
    if not _is_plain(key):
        raise SettingsError(_variable(name), "has signs in it that no key has, such as a space or a quote")
    return key


def _is_plain(key: str) -> bool:
    return all("!" <= char <= "~" and char not in "\"'" for char in key)


def _pair(keys: Mapping[str, str], name: str, secret: str) -> tuple[str, str] | None:
    values = _usable(keys, name), _usable(keys, secret)
    if not any(values):
        return None
    for value, each in zip(values, (name, secret), strict=True):
        if not value:
            raise SettingsError(_variable(each), "is missing: the two are used together")
    return values


class NoKey(httpx.Auth):
    """Refuses, before anything is sent, to ask a host whose key is not set."""

    def __init__(self, variables: str) -> None:
        self._variables = variables

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Raise NeedsKey."""
        raise NeedsKey(str(request.url), f"needs a key of your own: set {self._variables}")
        yield request  # makes this a generator, as httpx wants it


class HeaderKey(httpx.Auth):
    """Sends a key in one header."""

    def __init__(self, header: str, key: str) -> None:
        self._header = header
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key."""
        request.headers[self._header] = self._key
        yield request


class PodcastIndexKey(httpx.Auth):
    """Signs each request with the time, as Podcast Index wants it."""

    def __init__(self, key: str, secret: str, now: Callable[[], float] = time.time) -> None:
        self._key = key
        self._secret = secret
        self._now = now

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the key, the time and their digest."""
        date = str(int(self._now()))
        digest = hashlib.sha1(f"{self._key}{self._secret}{date}".encode(), usedforsecurity=False).hexdigest()
        request.headers.update({"x-auth-date": date, "x-auth-key": self._key, "authorization": digest})
        yield request


class RedditLogIn(httpx.Auth):
    """Reddit's application-only OAuth: a token is asked for once, and again shortly before it ends."""

    def __init__(self, client: str, secret: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._basic = "Basic " + b64encode(f"{client}:{secret}".encode()).decode()
        self._monotonic = monotonic
        self._token = ""
        self._good_until = -math.inf
        self._fault: CrawlError | None = None
        self._failed_at = -math.inf

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Add the token, asking for one first where there is none. Raises a CrawlError where none is to be had."""
        if self._monotonic() >= self._good_until - _EARLY:
            await self._log_in(request)
        request.headers["authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == 401:
            self._good_until = -math.inf  # taken back before its time: the next request asks for another

    async def _log_in(self, request: httpx.Request) -> None:
        if self._fault and self._monotonic() < self._failed_at + _AGAIN:
            raise self._fault
        try:
            reply = await request.extensions[LOG_IN](self._ask(request.headers["user-agent"]))
            self._token, lasts = _token_in(*reply)
        except CrawlError as fault:
            self._fault, self._failed_at = fault, self._monotonic()
            raise
        self._good_until = self._monotonic() + lasts

    def _ask(self, agent: str) -> httpx.Request:
        headers = {"authorization": self._basic, "user-agent": agent, "accept": "application/json"}
        return httpx.Request("POST", TOKEN_URL, headers=headers, data={"grant_type": "client_credentials"})


def _token_in(status: int, body: bytes, retry_after: datetime | None) -> tuple[str, float]:
    """Return the token in a reply, and for how many seconds it is good."""
    if status in {400, 401, 403}:
        raise NeedsKey(TOKEN_URL, "does not accept VENUES_REDDIT_ID with VENUES_REDDIT_SECRET")
    if not 200 <= status < 300:
        raise fault_of(TOKEN_URL, status, retry_after)
    try:
        reply = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PageChanged(TOKEN_URL, "promised JSON and sent something else") from error
    token, lasts = dig(reply, "access_token"), dig(reply, "expires_in")
    if not isinstance(token, str) or not token or not _is_plain(token):
        raise NeedsKey(TOKEN_URL, "gave no token for VENUES_REDDIT_ID with VENUES_REDDIT_SECRET")
    return token, float(lasts) if isinstance(lasts, int | float) and 0 < lasts < 10**7 else 600.0
