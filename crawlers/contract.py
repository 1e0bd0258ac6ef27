"""What a crawler is: it plans requests and reads pages, and someone else does the input and output.

A crawler is a frozen dataclass whose fields are its settings: one instance for each configured site. It sees
neither the network nor the store, so it cannot forget robots.txt, cannot be slow in a test, and is tested with a file.

What a crawler may rely on:

- `read` is given only pages with a status of 200 to 299, or one that the request `tolerates`; all else is an error
  of the gate and never reaches it.
- A request already made in the same run is not made again, so yielding a link back to a parent is harmless.
- `platform`, `source`, `source_url` and `seen_at` of a listing are filled in, texts are cleaned and clipped, and
  impossible numbers dropped by the runner: a reader needs no care for them.
- Where the first page yields a listing of kind FORUM or INSTANCE, its title is put before the `parent` of all boards of
  the run: "General chat" alone tells nobody where it is.
- An exception that is not PageChanged becomes PageChanged, and costs the rest of that page only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from venues.errors import Blocked, CrawlError, PageChanged, RobotsForbidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from venues.model import Area, Listing


class NeedsKey(Blocked):
    """The site answers only those who have a key or are logged in."""


class Stopped(CrawlError):
    """The crawl was asked to stop before the page was asked for: nobody's fault."""


class RobotsFailed(RobotsForbidden):
    """The host's robots.txt could not be had, which counts as a no until it can."""


class NoList(PageChanged):
    """The page is of the platform and holds no list of venues; the reason says what it is: "is a log-in page"."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign by which a platform is told from a reply. One is enough; none is a matter of chance."""

    where: Literal["generator", "nodeinfo", "header", "markup", "path"]
    """The generator a page names; the software that NodeInfo names; a header line "name: value" of the reply; the
    page's source; or a path below the site's root that only this platform answers with a 200."""
    pattern: str
    """A regular expression, in any case; for "path" the path itself, such as "/api/v1/instance"."""
    says: str = ""
    """For "path": a regular expression that the body must match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What people may want to know of a platform before it is crawled."""

    platform: str
    website: str
    terms: str
    """Address of the terms that the crawl keeps to, or a sentence where there are none."""
    official_api: bool
    how: str = ""
    """How it is read, in a few words with the endpoint: for the README's table of sources."""
    limits: str = ""
    """The limits that are kept beside pace, Retry-After and robots.txt; for the same table."""
    needs_key: bool = False
    own: bool = False
    """Whether an instance on the user's own network is theirs, and its robots.txt meant for others."""
    by_area: bool = False
    """Whether it is asked for one area at a time: without one there is nothing to plan."""
    marks: tuple[Mark, ...] = ()
    """How `venues sites add` and `venues read` know it."""
    pace: float = 1.0
    """Least seconds between two requests to one host, unless the site itself asks for more."""
    rest: float = 0.0
    """Least days between two crawls of one site: what searches for an area costs its keeper, or the user, each time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request that changes nothing at the site, which a crawler would like made."""

    url: str
    accept: str = "application/json"
    note: str = ""
    """What the page is to the crawler that asks for it, such as "rooms" or "page 2"; handed back with the page."""
    method: Literal["GET", "POST"] = "GET"
    """POST only for queries that cannot be asked otherwise, such as GraphQL; it is never repeated after a fault."""
    body: str | None = None
    """JSON to post."""
    tolerates: frozenset[int] = frozenset()
    """Statuses other than 2xx that the crawler wants to see itself: 404 tells one version of an API from another."""

    def with_params(self, **params: str | int) -> Request:
        """Return the same request with these query parameters set, each replacing a former one of its name."""
        parts = urlsplit(self.url)
        kept = dict(parse_qsl(parts.query, keep_blank_values=True)) | {key: str(value) for key, value in params.items()}
        return replace(self, url=urlunsplit(parts._replace(query=urlencode(kept))))

    def param(self, name: str) -> str | None:
        """Return one query parameter of the address, if it is there."""
        return dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True)).get(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came back for a request."""

    request: Request
    url: str
    """After redirects."""
    status: int
    body: bytes
    """Decompressed."""
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case."""
    encoding: str = "utf-8"

    @property
    def text(self) -> str:
        """The body as text; bytes that do not fit the encoding become the replacement character."""
        try:
            return self.body.decode(self.encoding, errors="replace")
        except (LookupError, UnicodeError):
            return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """Return the body read as JSON. Raises PageChanged where it is anything else."""
        try:
            return json.loads(self.body)
        except UnicodeDecodeError:
            pass  # JSON is UTF-8 by its standard; some forums send it in their pages' encoding all the same
        except (ValueError, RecursionError) as error:
            raise PageChanged(self.url, "promised JSON and sent something else") from error
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise PageChanged(self.url, "promised JSON and sent something else") from error


@dataclass(frozen=True, slots=True)
class Pace:
    """What a page says of how often its host may be asked; the run keeps to it if it is slower than what it kept to."""

    seconds: float
    """Least time between two requests."""


class Crawler(Protocol):
    """Reads one platform. Implementations are frozen dataclasses; their fields are their settings."""

    about: ClassVar[About]

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Return the first requests, for an area or, with None, for all the site lists. Pure."""
        ...

    def read(self, page: Page) -> Iterable[Listing | Request | Pace]:
        """Return what a page lists, and what to fetch next. Pure. Raises PageChanged; NoList where it lists nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """What one site's crawl asks of the gate, beyond what the gate asks of everyone."""

    pace: float = 1.0
    """Least seconds between two requests to one host."""
    homes: frozenset[tuple[str, int]] = frozenset()
    """Host and port of private addresses that the site's settings name, and that may therefore be asked."""
    own: frozenset[tuple[str, int]] = frozenset()
    """Host and port of what is the user's own, where robots.txt is not asked."""


class Gate(Protocol):
    """Where pages come from: `crawlers.fetching.Fetcher`, or `crawlers.testing.Recorded` in a test."""

    async def fetch(self, request: Request, manners: Manners = ...) -> Page:
        """Return the page. Raises a CrawlError where there is none to be had."""
        ...
