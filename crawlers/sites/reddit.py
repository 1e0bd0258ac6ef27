"""Reddit, by its API and with the user's own application: an area's subreddits with their rules. Never its pages.

Settings: `words` (the people wanted), `names` (further names to search an area by, divided by ";"), `subreddits`
(names to look up besides, divided by ";"), `rules` (of how many subreddits an area's rules are read).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, NoList, Page, Request
from crawlers.parsing import count_or_none, dig, items, text_or_none
from crawlers.searching import names_of
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_API = "https://oauth.reddit.com"
_ACCESS = {
    "public": Access.OPEN,
    "restricted": Access.ON_REQUEST,
    "gold_restricted": Access.ON_REQUEST,
    "gold_only": Access.INVITED,
    "private": Access.INVITED,
    "employees_only": Access.CLOSED,
    "archived": Access.CLOSED,
}
_NAME = re.compile(r"\w{2,21}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reddit:
    """Subreddits of an area."""

    words: str = ""
    names: str = ""
    subreddits: str = ""
    rules: int = 25

    about: ClassVar[About] = About(
        platform="reddit",
        website="https://www.reddit.com",
        terms="https://redditinc.com/policies/data-api-terms",
        official_api=True,
        how="the Data API, `GET /subreddits/search`, `/r/{name}/about`, `/r/{name}/about/rules`",
        limits="100 requests a minute, X-Ratelimit-*",
        needs_key=True,
        by_area=True,
        rest=7,
        pace=0.7,
    )

    def plan(self, area: Area | None) -> Iterable[Request]:
        """Search for the area by its names, alone and with the words; look up the subreddits that are named."""
        for name in re.findall(r"\w+", self.subreddits):
            yield Request(url=f"{_API}/r/{name}/about", note="about").with_params(raw_json=1)
        search = Request(url=f"{_API}/subreddits/search", note="search")
        for name in names_of(area, self.names) if area else ():
            for query in dict.fromkeys((name, f"{name} {self.words}".strip())):
                yield search.with_params(q=query, limit=100, raw_json=1)

    def read(self, page: Page) -> Iterator[Listing | Request]:
        """Read a page of subreddits, one subreddit or one's rules; the larger ones of a search are asked for rules."""
        reply = page.json()
        if isinstance(dig(reply, "rules"), list):
            yield from self._rules(page, reply)
            return
        if dig(reply, "kind") == "t5":
            found = [dig(reply, "data")]
        elif dig(reply, "kind") == "Listing" and isinstance(dig(reply, "data", "children"), list):
            found = [dig(each, "data") for each in items(reply, "data", "children") if each.get("kind") == "t5"]
            if not found and dig(reply, "data", "children"):
                raise NoList(page.url, "lists posts and not subreddits")
        else:
            raise PageChanged(page.url, "is no list of subreddits")
        listings = [listing for each in found if isinstance(each, dict) and (listing := self._listing(each))]
        yield from listings
        if page.request.note in {"search", "about"}:
            yield from self._asking_rules(listings)

    def _asking_rules(self, listings: list[Listing]) -> Iterator[Request]:
        """Ask for the rules of the largest that can be joined."""
        open_ones = [each for each in listings if each.access in {Access.OPEN, Access.ON_REQUEST} and not each.nsfw]
        for listing in sorted(open_ones, key=lambda each: -(each.members or 0))[: self.rules]:
            name = listing.title.removeprefix("r/")
            yield Request(url=f"{_API}/r/{name}/about/rules", note="rules").with_params(raw_json=1)

    def _listing(self, data: dict[str, Any]) -> Listing | None:
        name = text_or_none(data.get("display_name"), 30)
        # What begins with u_ is one person's page.
        if name is None or not _NAME.fullmatch(name) or name.startswith("u_") or data.get("subreddit_type") == "user":
            return None
        kind = data.get("subreddit_type")
        flags = [flag for flag in (data.get("over18"), data.get("quarantine")) if isinstance(flag, bool)]
        return Listing(
            platform=self.about.platform,
            native_id=name.lower(),
            kind=Kind.COMMUNITY,
            title=f"r/{name}",
            url=f"https://www.reddit.com/r/{name}/",
            description=_described(data, name),
            members=count_or_none(data.get("subscribers")),
            active_members=count_or_none(data.get("accounts_active") or data.get("active_user_count")),
            access=_ACCESS.get(kind) if isinstance(kind, str) else None,
            language=text_or_none(data.get("lang"), 20),
            nsfw=any(flags) if flags else None,
        )

    def _rules(self, page: Page, reply: Any) -> Iterator[Listing]:
        where = re.search(r"/r/(\w{2,21})/about/rules", page.url)
        if where is None:
            raise PageChanged(page.url, "has rules and does not say of what")
        rules = [_rule(each) for each in items(reply, "rules")]
        yield Listing(
            platform=self.about.platform,
            native_id=where[1].lower(),
            kind=Kind.COMMUNITY,
            title=f"r/{where[1]}",
            url=f"https://www.reddit.com/r/{where[1]}/",
            rules=tuple(rule for rule in rules if rule),
        )


def _described(data: dict[str, Any], name: str) -> str | None:
    """Return a subreddit's own title before its short description, or before the long one where that is all it has."""
    title = text_or_none(data.get("title"), 300)
    body = text_or_none(data.get("public_description")) or text_or_none(data.get("description"), 1000)
    says_nothing = {None, name.lower(), f"r/{name}".lower()}
    parts = dict.fromkeys(part for part in (title, body) if (part and part.lower()) not in says_nothing)
    return " – ".join(part for part in parts if part) or None


def _rule(data: dict[str, Any]) -> str | None:
    name, more = text_or_none(data.get("short_name"), 200), text_or_none(data.get("description"), 500)
    return f"{name}: {more}" if name and more and more != name else name or more
