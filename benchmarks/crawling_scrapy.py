"""Scrapy over the pages of benchmarks/crawling.py, with our readers called on each; run where Scrapy is.

Takes sites as they are written; prints pages, listings and seconds as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime

import scrapy
from scrapy.crawler import CrawlerProcess

from crawlers.bodies import encoding_of
from crawlers.contract import Page, Request
from crawlers.registry import build, site_from
from venues.model import Listing

SETTINGS = {
    "ROBOTSTXT_OBEY": True,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 1,  # one at a time per host, as we do
    "DOWNLOAD_DELAY": 0,
    "COOKIES_ENABLED": False,
    "TELNETCONSOLE_ENABLED": False,
    "LOG_LEVEL": "ERROR",
    "USER_AGENT": "venues/0.1",
}


class Venues(scrapy.Spider):
    """Follows what our readers yield."""

    name = "venues"
    pages = 0
    listings = 0

    async def start(self):
        """Ask for what each crawler plans."""
        for name in sys.argv[1:]:
            crawler = build(site_from(name))
            for request in crawler.plan(None):
                yield self._asked(request, crawler)

    def _asked(self, request, crawler):
        more = {"asked": request, "crawler": crawler}
        return scrapy.Request(request.url, self.parse, headers={"Accept": request.accept}, cb_kwargs=more)

    def parse(self, response, asked, crawler):
        """Count what a page lists, and follow its links."""
        type(self).pages += 1
        kind = (response.headers.get("Content-Type") or b"").decode()
        page = Page(
            request=asked,
            url=response.url,
            status=response.status,
            body=response.body,
            fetched_at=datetime.now(UTC),
            headers={name.decode().lower(): values[0].decode() for name, values in response.headers.items()},
            encoding=encoding_of(kind, response.body),
        )
        for item in crawler.read(page):
            if isinstance(item, Request):
                yield self._asked(item, crawler)
            elif isinstance(item, Listing):
                type(self).listings += 1


def main() -> None:
    process = CrawlerProcess(SETTINGS | {"CONCURRENT_REQUESTS": len(sys.argv) - 1})
    process.crawl(Venues)
    start, used = time.perf_counter(), time.process_time()
    process.start()
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - used}
    print(json.dumps({"pages": Venues.pages, "listings": Venues.listings} | took))


if __name__ == "__main__":
    main()
