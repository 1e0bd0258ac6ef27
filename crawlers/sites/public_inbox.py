"""Mailing lists of a public-inbox server, by its manifest, or by the HTML list at its root where it has none.

Settings: `base_url` (the root of the server). Both say each list's description and the time of its last message.
"""

from __future__ import annotations

import json
import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.boards import no_list
from crawlers.contract import About, Mark, NoList, Page, Request
from crawlers.markup import attribute, link, soup, words
from crawlers.parsing import absolute, address_id, date_or_none, text_or_none
from venues.errors import PageChanged
from venues.model import Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from bs4 import Tag

    from venues.model import Area

MANIFEST = "/manifest.js.gz"
_MOST = 32 * 1024 * 1024
"""Bytes of a manifest once unpacked; lore.kernel.org's, with some thousand lists, has under one million."""
_ABSENT = frozenset({401, 403, 404, 410})
_EPOCH = re.compile(r"(?:/git)?/\d{1,4}(?:\.git)?$")
_EPOCH_WORD = re.compile(r"\s*\[epoch \d+\]\s*$")
_NOT_SAID = re.compile(r"Unnamed repository|\$GIT_DIR/description|\(?no description\)?|missing\b", re.IGNORECASE)
_TOLD = frozenset({"modified", "fingerprint", "reference"})
"""What a manifest says of a repository, of which it always says something."""
_WRITTEN = re.compile(r"(\d{4}-\d\d-\d\d) +(\d\d:\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicInbox:
    """The mailing lists of one public-inbox server."""

    base_url: str

    about: ClassVar[About] = About(
        platform="public_inbox",
        website="https://public-inbox.org",
        terms="None are common to all servers; its archives are published to be mirrored.",
        official_api=True,
        how="the manifest for mirrors, /manifest.js.gz; HTML of / where there is none",
        marks=(
            Mark("markup", r"<title>public-inbox listing</title>|This is a (listing of )?public inbox(es)?, see"),
            Mark("path", MANIFEST),
        ),
    )

    def plan(self, area: Area | None) -> Iterator[Request]:  # noqa: ARG002 - the manifest cannot be asked for a place
        """Ask for the manifest."""
        base = self.base_url.rstrip("/")
        yield Request(url=f"{base}{MANIFEST}", accept="application/gzip", note="manifest", tolerates=_ABSENT)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read the manifest, the list at the root, or the page of one list."""
        if page.status in _ABSENT:
            yield Request(url=f"{self.base_url.rstrip('/')}/", accept="text/html", note="root")
        elif page.body[:2] == b"\x1f\x8b" or page.body.lstrip()[:1] == b"{":
            yield from self._read_manifest(page)
        else:
            yield from self._read_html(page)

    def _read_manifest(self, page: Page) -> Iterator[Listing]:
        found: dict[str, tuple[str | None, datetime | None]] = {}
        for path, repository in _manifest(page).items():
            name = _EPOCH.sub("", path).strip("/")
            before, last = found.get(name, (None, None))
            modified = date_or_none(repository.get("modified"))
            found[name] = (
                before or _description(repository.get("description")),
                max((time for time in (modified, last) if time), default=None),
            )
        lists = [self._list(absolute(f"{page.url}", f"{name}/"), *facts) for name, facts in found.items() if name]
        if not any(lists):
            raise NoList(page.url, "names no list")
        yield from (each for each in lists if each)

    def _read_html(self, page: Page) -> Iterator[Listing]:
        tree = soup(page)
        entries = [each for each in tree.select("pre > a") if _WRITTEN.search(_before(each))]
        if entries and "public-inbox" in (words(tree.find("title")) or ""):
            found = [self._list(link(page, each), _after(each), _time(_before(each))) for each in entries]
            yield from (each for each in found if each)
            return
        if "mirror" not in {attribute(each, "id") for each in tree.find_all("a")}:
            raise no_list(page.url, tree)
        # A message's page has the same links; but only that of the whole list searches where it is.
        if attribute(tree.find("form"), "action") != "./":
            raise NoList(page.url, "is a message or a thread of a list")
        one = self._list(page.url.partition("?")[0], _description(words(tree.find("title"))), _time(words(tree) or ""))
        yield from [one] if one else []

    def _list(self, url: str | None, description: str | None, last: datetime | None) -> Listing | None:
        if url is None:
            return None
        name = url.rstrip("/").rpartition("/")[2]
        return Listing(
            platform=self.about.platform,
            native_id=address_id(url) or url,
            title=name,
            kind=Kind.LIST,
            url=f"{url.rstrip('/')}/",
            description=description,
            last_post_at=last,
        )


def _manifest(page: Page) -> dict[str, dict[str, Any]]:
    """Return the manifest, unpacked as far as a manifest may go. Raises PageChanged."""
    body = page.body
    try:
        if body[:2] == b"\x1f\x8b":
            unpacker = zlib.decompressobj(wbits=31)
            body = unpacker.decompress(body, _MOST)
            if unpacker.unconsumed_tail:
                raise PageChanged(page.url, f"unpacks to more than {_MOST:,} bytes")
        manifest = json.loads(body)
    except (zlib.error, ValueError, RecursionError) as error:
        raise PageChanged(page.url, "is no manifest of mailing lists") from error
    repositories = isinstance(manifest, dict) and {
        path: each for path, each in manifest.items() if _is_list(path, each)
    }
    if not isinstance(manifest, dict) or (manifest and not repositories):
        raise PageChanged(page.url, "is no manifest of mailing lists")
    return repositories or {}


def _is_list(path: str, repository: object) -> bool:
    """Tell a repository as a manifest names it from whatever else a reply in JSON may hold."""
    return path.startswith("/") and isinstance(repository, dict) and not _TOLD.isdisjoint(repository)


def _description(value: object) -> str | None:
    text = text_or_none(value)
    told = _EPOCH_WORD.sub("", text) if text else ""
    return None if _NOT_SAID.search(told) else told or None


def _before(anchor: Tag) -> str:
    """Return the text in front of a link: "* 2026-11-22 10:00 - "."""
    return str(anchor.previous_sibling or "")[-60:]


def _after(anchor: Tag) -> str | None:
    """Return the description below a link, which ends where the next entry's line begins."""
    return _description(re.split(r"\n\s*\n|\n\* ", str(anchor.next_sibling or "")[:4000])[0])


def _time(text: str) -> datetime | None:
    found = _WRITTEN.search(text)
    return date_or_none(f"{found[1]}T{found[2]}:00+00:00") if found else None
