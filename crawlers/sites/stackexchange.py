"""The question-and-answer sites of the Stack Exchange network: each is a community of its own, with its audience.

Setting: `page_size`. What is asked on them is not read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from crawlers.contract import About, Mark, Pace, Page, Request
from crawlers.fragments import name_or_none
from crawlers.parsing import dig, items, text_or_none, url_or_none
from venues.errors import PageChanged
from venues.model import Access, Kind, Listing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from venues.model import Area

_ACCESS = {"normal": Access.OPEN, "open_beta": Access.OPEN, "closed_beta": Access.INVITED}
_LONGEST = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackExchange:
    """The sites of the network, without the meta site that each has."""

    page_size: int = 100

    about: ClassVar[About] = About(
        platform="stackexchange",
        website="https://stackexchange.com",
        terms="https://stackoverflow.com/legal/api-terms-of-use",
        official_api=True,
        how="`GET api.stackexchange.com/2.3/sites`",
        limits="300 requests a day without a key; the `backoff` that a reply asks for",
        marks=(Mark("markup", r'"api_site_parameter"\s*:'),),
    )

    def plan(self, area: Area | None) -> Iterable[Request]:  # noqa: ARG002 - the network has no places
        """Ask for the first page of sites."""
        first = Request(url="https://api.stackexchange.com/2.3/sites", note="sites")
        yield first.with_params(page=1, pagesize=self.page_size)

    def read(self, page: Page) -> Iterator[Listing | Request | Pace]:
        """Read one page of sites, how long to wait, and ask for the next page where there is one."""
        reply = page.json()
        if not isinstance(dig(reply, "items"), list):
            problem = text_or_none(dig(reply, "error_message"), 100)
            raise PageChanged(page.url, f"is no list of sites: {problem or 'it has no items'}")
        wait = dig(reply, "backoff")
        if isinstance(wait, int | float) and 0 < wait <= _LONGEST:
            yield Pace(float(wait))
        for site in items(reply, "items"):
            listing = self._listing(site) if site.get("site_type") == "main_site" else None
            if listing:
                yield listing
        if dig(reply, "has_more") is True:
            number = page.request.param("page") or "1"
            yield page.request.with_params(page=int(number) + 1 if re.fullmatch(r"\d{1,4}", number) else 2)

    def _listing(self, site: dict[str, Any]) -> Listing | None:
        native_id = text_or_none(site.get("api_site_parameter"), 100)
        title = name_or_none(site.get("name"), 200)
        if native_id is None or title is None:
            return None
        audience = name_or_none(site.get("audience"), 500)
        state = site.get("site_state")
        # es.stackoverflow and its like are in the language that begins their name.
        foreign = re.match(r"(es|ja|pt|ru)\.", native_id)
        return Listing(
            platform=self.about.platform,
            native_id=native_id,
            kind=Kind.COMMUNITY,
            title=title,
            description=f"Questions and answers for {audience}." if audience else None,
            url=url_or_none(site.get("site_url")),
            access=_ACCESS.get(state) if isinstance(state, str) else None,
            language=foreign[1] if foreign else None,
        )
